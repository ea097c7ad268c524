import Tensor

/// A model in a GGUF file.
package struct GGUFSource: ModelSource {
  /// The file.
  private let file: ModelFile
  package let names: [String]
  package let chatTemplates: ChatTemplateFiles
  package let sampling: SamplingDefaults
  private let ggufConfiguration: GGUFConfiguration

  package var format: String { "GGUF version \(file.header.version)" }
  package var configuration: any ModelConfiguration { ggufConfiguration }
  package var notes: LoadingNotes { file.header.metadata.notes }
  package var unreadKeys: [String] { ggufConfiguration.unreadKeys }
  package var vocabulary: VocabularyFiles { .gguf(file.header.metadata) }
  package var byteCount: UInt64 { file.byteCount }
  package var details: [(key: String, value: String)] {
    let metadata = file.header.metadata
    return metadata.keys.compactMap { key in metadata[key].map { (key, $0.value.summary) } }
  }

  /// Opens a file.
  ///
  /// - Parameter path: Where the file is; its last part is a name of the model.
  package init(_ file: ModelFile, path: String) throws(ModelError) {
    self.file = file
    ggufConfiguration = try GGUFConfiguration(file.header)
    chatTemplates = try ChatTemplateFiles(file.header.metadata)
    sampling = SamplingDefaults(file.header.metadata)
    names = Self.names(file.header.metadata, path: path)
  }

  /// Opens a file that lies in any source of bytes.
  package init(_ source: any ByteSource) throws(ModelError) {
    try self.init(ModelFile(source: source, types: .supported), path: "memory")
  }

  package func tensors(_ naming: TensorNaming) throws(ModelError) -> [SourceTensor] {
    let names = GGUFTensorNames(file.header.tensors, naming: naming)
    let unused = unusedTensors
    var tensors: [SourceTensor] = []
    for tensor in file.header.tensors where !unused.contains(tensor.name) {
      tensors.append(try Self.sourceTensor(tensor, names))
    }
    return tensors
  }

  @discardableResult
  package func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    let names = GGUFTensorNames(file.header.tensors, naming: naming)
    let unused = unusedTensors
    return try file.read(expecting: digest, progress: progress) { tensor, bytes in
      guard !unused.contains(tensor.name) else { return }
      try visit(Self.sourceTensor(tensor, names), bytes)
    }
  }

  /// The names of tensors that no decoder needs: what layers only draft with, and divisors of angles that
  /// early files repeat in each layer.
  private var unusedTensors: Set<String> {
    let layers = ggufConfiguration.layers ?? .max
    return Set(
      file.header.tensors.lazy.map(\.name).filter { name in
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]) else { return false }
        return ["attn_rot_embd", "attn_rot_embd.weight", "rope_freqs.weight"].contains(parts[2])
          || layer >= layers && ggufConfiguration.hasDraftLayers
      })
  }

  private static func sourceTensor(
    _ tensor: TensorInfo, _ names: GGUFTensorNames
  ) throws(ModelError) -> SourceTensor {
    guard let format = GGUFTypes.formats[tensor.fileType] else {
      throw ModelError(
        .unsupported, field: tensor.name, "storage type \(tensor.fileType) is not supported")
    }
    return SourceTensor(
      name: names.canonicalName(tensor.name), fileName: tensor.name,
      dimensions: tensor.dimensions, format: format, byteRange: tensor.byteRange, offset: 0)
  }

  private static func names(_ metadata: Metadata, path: String) -> [String] {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    func text(_ key: String) -> String? {
      guard case .string(let value)? = metadata[key]?.value, !value.isEmpty else { return nil }
      return value
    }
    return [text("general.basename"), text("general.name"), stem, file].compactMap { $0 }
  }
}
