import Tensor

/// A model in a GGUF file, or in the parts over which it was split.
package struct GGUFSource: ModelSource {
  /// The files.
  private let files: GGUFFiles
  package let names: [String]
  package let chatTemplates: ChatTemplateFiles
  package let sampling: SamplingDefaults
  private let ggufConfiguration: GGUFConfiguration

  package var format: String {
    let count = files.parts.count
    return "GGUF version \(files.header.version)" + (count == 1 ? "" : ", \(count) files")
  }
  package var configuration: any ModelConfiguration { ggufConfiguration }
  package var notes: LoadingNotes { files.header.metadata.notes }
  package var unreadKeys: [String] { ggufConfiguration.unreadKeys }
  package var vocabulary: VocabularyFiles { .gguf(files.header.metadata) }
  package var byteCount: UInt64 { files.byteCount }
  package var details: [(key: String, value: String)] {
    let metadata = files.header.metadata
    return metadata.keys.compactMap { key in metadata[key].map { (key, $0.value.summary) } }
  }

  /// Opens a file, and where it is a part of a model, the others beside it.
  ///
  /// - Parameter path: Where the file is; its last part is a name of the model.
  package init(path: String) throws(ModelError) {
    try self.init(GGUFFiles(path: path), path: path)
  }

  /// Opens a file that lies in any source of bytes.
  package init(_ source: any ByteSource) throws(ModelError) {
    let path = "memory"
    try self.init(
      GGUFFiles(ModelFile(source: source, types: .supported), path: path), path: path)
  }

  private init(_ files: GGUFFiles, path: String) throws(ModelError) {
    self.files = files
    ggufConfiguration = try GGUFConfiguration(files.header)
    chatTemplates = try ChatTemplateFiles(files.header.metadata)
    sampling = SamplingDefaults(files.header.metadata)
    names = Self.names(files.header.metadata, path: path)
  }

  package func tensors(_ naming: TensorNaming) throws(ModelError) -> [SourceTensor] {
    let names = GGUFTensorNames(files.header.tensors, naming: naming)
    let unused = unusedTensors
    var tensors: [SourceTensor] = []
    for part in files.parts {
      for tensor in part.file.header.tensors where !unused.contains(tensor.name) {
        tensors.append(try sourceTensor(tensor, in: part, names))
      }
    }
    return tensors
  }

  @discardableResult
  package func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    let names = GGUFTensorNames(files.header.tensors, naming: naming)
    let unused = unusedTensors
    let total = files.byteCount
    var done: UInt64 = 0
    var digests: [String: FileDigest] = [:]
    for part in files.parts {
      digests[part.name] = try part.file.read(
        progress: { bytes, _ in progress(done + bytes, total) },
        visit: { tensor, bytes in
          guard !unused.contains(tensor.name) else { return }
          try visit(sourceTensor(tensor, in: part, names), bytes)
        })
      done += part.file.byteCount
    }
    let found = digests.values.first.flatMap { digests.count == 1 ? $0 : nil }
    return try (found ?? FileDigest(of: digests)).checked(against: digest, field: "file")
  }

  /// The names of tensors that no decoder needs: what layers only draft with, and divisors of angles that
  /// early files repeat in each layer.
  private var unusedTensors: Set<String> {
    let layers = ggufConfiguration.layers ?? .max
    return Set(
      files.header.tensors.lazy.map(\.name).filter { name in
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[0] == "blk", let layer = Int(parts[1]) else { return false }
        return ["attn_rot_embd", "attn_rot_embd.weight", "rope_freqs.weight"].contains(parts[2])
          || layer >= layers && ggufConfiguration.hasDraftLayers
      })
  }

  private func sourceTensor(
    _ tensor: TensorInfo, in part: GGUFFiles.Part, _ names: GGUFTensorNames
  ) throws(ModelError) -> SourceTensor {
    guard let format = GGUFTypes.formats[tensor.fileType] else {
      throw ModelError(
        .unsupported, field: tensor.name, "\(GGUFTypes.name(tensor.fileType)) is not supported")
    }
    var found = SourceTensor(
      name: names.canonicalName(tensor.name), fileName: tensor.name,
      dimensions: tensor.dimensions, format: format, byteRange: tensor.byteRange, offset: 0)
    if files.parts.count > 1 { found.file = part.name }
    return found
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
