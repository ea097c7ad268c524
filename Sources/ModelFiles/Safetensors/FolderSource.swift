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
  private let folderTensors: FolderTensors
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
    var configuration = try FolderConfiguration(
      texts.required(FolderConfiguration.file), folderName: folder.name)
    let found = try FolderModules(&texts)
    configuration.modules = found.modules
    configuration.modules.keepsLogits = configuration.statesIdentity
    var files = try SafetensorsFiles(folder, limits: limits)
    for module in found.denseFolders {
      try files.add(module.name, in: module.folder, of: folder, limits: limits)
    }
    self.files = files
    configuration.hasOwnHead =
      configuration.architecture == "nemotron_h" && files.hasTensor("lm_head.weight")
    folderConfiguration = configuration
    folderTensors = try FolderTensors(files, quantization: folderConfiguration.quantization)
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
    try wanted(naming).map { $0.source }
  }

  /// The tensors that the model has a use for, as they are read, and as it sees them.
  private func wanted(
    _ naming: TensorNaming
  ) throws(ModelError) -> [(tensor: FolderTensor, source: SourceTensor)] {
    let names = FolderTensorNames(
      folderTensors, naming: naming, isTied: folderConfiguration.isTied ?? false)
    let layers = folderConfiguration.layersBeforeDrafts
    var seen: [String: String] = [:]
    var tensors: [(tensor: FolderTensor, source: SourceTensor)] = []
    for entry in folderTensors.entries {
      guard var found = try names.tensor(entry.tensor) else { continue }
      if let layers, let layer = names.layer(of: entry.tensor.name), layer >= layers { continue }
      if files.shards.count > 1 { found.file = entry.file }
      if let other = seen.updateValue(entry.tensor.name, forKey: found.name) {
        throw ModelError(
          .duplicate, field: entry.tensor.name, "the tensor stands for the same as \(other)")
      }
      tensors.append((entry.tensor, found))
    }
    return tensors
  }

  @discardableResult
  package func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    let all = try wanted(naming)
    let wanted = Dictionary(
      all.map { ($0.tensor.name, $0.source) }, uniquingKeysWith: { first, _ in first })
    let largest = all.reduce(UInt64(HashingStream.chunkLength)) {
      $1.tensor.assembled == nil ? max($0, UInt64($1.source.byteRange.count)) : $0
    }
    let buffer = try LoadBuffer(byteCount: Int(clamping: largest), field: "model")
    var parts = PartBuffers(all.map(\.tensor))
    var digests = textDigests
    var done: UInt64 = 0
    let total = byteCount
    for shard in files.shards {
      digests[shard.name] = try read(
        shard, into: buffer.bytes, parts: &parts,
        progress: { bytes, _ in progress(done + bytes, total) },
        visit: { name, bytes in
          if let tensor = wanted[name] { try visit(tensor, bytes) }
        })
      done += shard.source.byteCount
    }
    return try FileDigest(of: digests).checked(against: digest, field: "folder")
  }

  private func read(
    _ shard: SafetensorsFiles.Shard, into buffer: UnsafeMutableRawBufferPointer,
    parts: inout PartBuffers, progress: (UInt64, UInt64) -> Void,
    visit: (String, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    var stream = HashingStream(shard.source)
    try stream.pass(to: shard.header.dataStart, field: shard.name, through: buffer)
    for tensor in shard.header.tensors {
      let field = "\(shard.name): \(tensor.name)"
      if let room = try parts.room(for: tensor) {
        try stream.read(into: room, field: field, progress: progress)
        try parts.complete(tensor) { try visit($0.name, $1) }
        continue
      }
      guard tensor.byteRange.count <= buffer.count else {
        // Nobody wants it: wanted tensors fit the buffer.
        try stream.pass(to: tensor.byteRange.upperBound, field: tensor.name, through: buffer)
        continue
      }
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<tensor.byteRange.count])
      try stream.read(into: bytes, field: field, progress: progress)
      try visit(tensor.name, UnsafeRawBufferPointer(bytes))
    }
    guard shard.source.isUnchanged() else {
      throw ModelError(.unreadable, field: shard.name, "the file changed while it was read")
    }
    return stream.finish()
  }
}
