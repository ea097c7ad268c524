/// Adapters in GGUF files, as llama.cpp has them.
enum GGUFAdapter {
  /// Reads the products of a file.
  static func products(in source: any ByteSource) throws(ModelError) -> [AdapterFiles.Product] {
    let header = try ModelFile(source: source, types: .supported).header
    let kind = try header.metadata.stringIfPresent("general.type", atMost: 64) ?? "model"
    let own = try header.metadata.stringIfPresent("adapter.type", atMost: 64) ?? "lora"
    guard kind == "adapter", own == "lora" else {
      throw ModelError(
        .unsupported, field: "general.type",
        "the file is no adapter of low rank but \(kind == "adapter" ? own : kind)")
    }
    let alpha = try header.metadata.float("adapter.lora.alpha", in: 0...1e6)
    var factors: (downs: [String: AdapterFactor], ups: [String: AdapterFactor]) = ([:], [:])
    for tensor in header.tensors {
      guard let format = GGUFTypes.formats[tensor.fileType] else {
        throw ModelError(
          .unsupported, field: tensor.name, "\(GGUFTypes.name(tensor.fileType)) is not supported")
      }
      let factor = try AdapterFactor(
        tensor.name, dimensions: tensor.dimensions, format: format, at: tensor.byteRange, in: source
      )
      if let name = tensor.name.without(".weight.lora_a") {
        factors.downs[name] = factor
      } else if let name = tensor.name.without(".weight.lora_b") {
        factors.ups[name] = factor
      } else {
        throw ModelError(
          .unsupported, field: tensor.name, "only factors of matrices are supported in adapters")
      }
    }
    return try AdapterFiles.paired(downs: factors.downs, ups: factors.ups) { _, rank in
      alpha == 0 ? 1 : alpha / Double(rank)
    }
  }
}

extension String {
  /// What stands before an ending; nil where there is another ending.
  func without(_ ending: String) -> String? {
    hasSuffix(ending) && utf8.count > ending.utf8.count ? String(dropLast(ending.count)) : nil
  }
}
