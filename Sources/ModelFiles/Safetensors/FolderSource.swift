internal import Crypto
import JSON

/// A model in a folder as Hugging Face publishes them: `config.json`, safetensors, `tokenizer.json`.
package struct FolderSource: ModelSource {
  package let format: String
  package let names: [String]
  package let vocabulary: VocabularyFiles
  package let chatTemplates: ChatTemplateFiles
  package let sampling: SamplingDefaults

  private let folderConfiguration: FolderConfiguration
  private let files: SafetensorsFiles
  /// The hash of each file that was read whole.
  private let textDigests: [String: FileDigest]

  package var configuration: any ModelConfiguration { folderConfiguration }
  package var notes: LoadingNotes { folderConfiguration.notes }
  package var unreadKeys: [String] { folderConfiguration.unreadKeys }

  package var details: [(key: String, value: String)] {
    folderConfiguration.values.members.map { ($0.name, $0.value.summary) }
  }

  package var byteCount: UInt64 { files.shards.reduce(0) { $0 + $1.source.byteCount } }

  /// Opens a folder and checks all but the values of its tensors.
  package init(
    _ folder: some ModelFolder, limits: ModelFileLimits = .standard
  ) throws(ModelError) {
    var texts = FolderTexts(folder)
    folderConfiguration = try FolderConfiguration(texts.required(FolderConfiguration.file))
    files = try SafetensorsFiles(folder, limits: limits)
    let tokenizer = try texts.tokenizer(folderConfiguration, embeddingRows: files.embeddingRows)
    vocabulary = .folder(tokenizer)
    chatTemplates = try texts.chatTemplates(tokenizer.configuration, folderConfiguration.notes)
    sampling = try texts.sampling(folderConfiguration.notes)
    textDigests = texts.digests
    names = [folder.name]
    let count = files.shards.count
    format = "safetensors, \(count == 1 ? "one file" : "\(count) files")"
  }

  package func tensors(_ naming: TensorNaming) throws(ModelError) -> [SourceTensor] {
    let names = FolderTensorNames(
      files, naming: naming, isTied: folderConfiguration.isTied ?? false)
    let layers = folderConfiguration.layersBeforeDrafts
    var seen: [String: String] = [:]
    var tensors: [SourceTensor] = []
    for shard in files.shards {
      for tensor in shard.header.tensors {
        guard let found = try names.tensor(tensor) else { continue }
        if let layers, let layer = names.layer(of: tensor), layer >= layers { continue }
        if let other = seen.updateValue(tensor.name, forKey: found.name) {
          throw ModelError(
            .duplicate, field: tensor.name, "the tensor stands for the same as \(other)")
        }
        tensors.append(found)
      }
    }
    return tensors
  }

  @discardableResult
  package func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    let wanted = Dictionary(
      try tensors(naming).map { ($0.fileName, $0) }, uniquingKeysWith: { first, _ in first })
    let largest = wanted.values.reduce(UInt64(HashingStream.chunkLength)) {
      max($0, UInt64($1.byteRange.count))
    }
    let buffer = try LoadBuffer(byteCount: Int(clamping: largest), field: "model")
    var digests = textDigests
    var done: UInt64 = 0
    let total = byteCount
    for shard in files.shards {
      digests[shard.name] = try read(
        shard, into: buffer.bytes, progress: { bytes, _ in progress(done + bytes, total) },
        visit: { tensor, bytes in
          if let tensor = wanted[tensor.name] { try visit(tensor, bytes) }
        })
      done += shard.source.byteCount
    }
    let found = Self.identity(digests)
    if let digest, digest != found {
      throw ModelError(.corrupt, field: "folder", "the SHA-256 is \(found), not \(digest)")
    }
    return found
  }

  private func read(
    _ shard: SafetensorsFiles.Shard, into buffer: UnsafeMutableRawBufferPointer,
    progress: (UInt64, UInt64) -> Void,
    visit: (SafetensorsHeader.Tensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    var stream = HashingStream(shard.source)
    try stream.pass(to: shard.header.dataStart, field: shard.name, through: buffer)
    for tensor in shard.header.tensors {
      guard tensor.byteRange.count <= buffer.count else {
        // Nobody wants it: wanted tensors fit the buffer.
        try stream.pass(to: tensor.byteRange.upperBound, field: tensor.name, through: buffer)
        continue
      }
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<tensor.byteRange.count])
      try stream.read(into: bytes, field: "\(shard.name): \(tensor.name)", progress: progress)
      try visit(tensor, UnsafeRawBufferPointer(bytes))
    }
    guard shard.source.isUnchanged() else {
      throw ModelError(.unreadable, field: shard.name, "the file changed while it was read")
    }
    return stream.finish()
  }

  /// The hash of the files' names and hashes, in the order of the names.
  private static func identity(_ digests: [String: FileDigest]) -> FileDigest {
    var hash = SHA256()
    for (name, digest) in digests.sorted(by: { $0.key < $1.key }) {
      hash.update(data: Array("\(name)\u{0}\(digest)\n".utf8))
    }
    return FileDigest(hash.finalize())
  }
}
