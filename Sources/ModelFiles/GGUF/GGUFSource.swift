import Tensor

/// A model in a GGUF file.
package struct GGUFSource: ModelSource {
  /// The file.
  private let file: ModelFile
  package let names: [String]
  package let chatTemplate: String?
  private let ggufConfiguration: GGUFConfiguration

  package var format: String { "GGUF version \(file.header.version)" }
  package var configuration: any ModelConfiguration { ggufConfiguration }
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
    chatTemplate = try file.header.metadata.stringIfPresent("tokenizer.chat_template")
    names = Self.names(file.header.metadata, path: path)
  }

  /// Opens a file that lies in any source of bytes.
  package init(_ source: any ByteSource) throws(ModelError) {
    try self.init(ModelFile(source: source, types: .supported), path: "memory")
  }

  package func tensors(_ naming: TensorNaming) throws(ModelError) -> [SourceTensor] {
    let names = GGUFTensorNames(file.header.tensors, naming: naming)
    var tensors: [SourceTensor] = []
    for tensor in file.header.tensors { tensors.append(try Self.sourceTensor(tensor, names)) }
    return tensors
  }

  @discardableResult
  package func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    let names = GGUFTensorNames(file.header.tensors, naming: naming)
    return try file.read(expecting: digest, progress: progress) { tensor, bytes in
      try visit(Self.sourceTensor(tensor, names), bytes)
    }
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
