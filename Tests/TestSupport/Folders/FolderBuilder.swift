package import GPTModel

/// Writes folders as Hugging Face publishes models; every file in them can be made to lie.
package struct FolderBuilder: Sendable {
  /// `config.json`.
  package var configuration: JSONText
  /// `tokenizer.json`.
  package var tokenizer: JSONText
  /// `tokenizer_config.json`, where it is there.
  package var tokenizerConfiguration: JSONText?
  /// `generation_config.json`, where it is there.
  package var generation: JSONText?
  /// `chat_template.jinja`, where it is there.
  package var chatTemplate: String?
  /// The safetensors files: one without an index, or several with one.
  package var shards: [SafetensorsBuilder]
  /// Whether the safetensors files have numbers, and an index lists what is in them.
  package var isIndexed = false
  /// What stands in the place of the index's `weight_map`.
  package var weightMap: JSONText?
  /// What stands in the place of the index.
  package var index: String?
  /// Files that are added, replaced, or with nil removed.
  package var replaced: [String: [UInt8]?] = [:]

  /// The name of the index.
  package static let indexName = "model.safetensors.index.json"

  /// Creates a builder of a folder with one safetensors file.
  package init(configuration: JSONText, tokenizer: JSONText, tensors: SafetensorsBuilder) {
    self.configuration = configuration
    self.tokenizer = tokenizer
    shards = [tensors]
  }

  /// The name of a safetensors file by its place.
  package func name(ofShard place: Int) -> String {
    func digits(_ number: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }
    return isIndexed
      ? "model-\(digits(place + 1))-of-\(digits(shards.count)).safetensors"
      : "model.safetensors"
  }

  /// Spreads the tensors over files, in turns, and has an index list them.
  package mutating func split(into count: Int) {
    isIndexed = true
    let tensors = shards.flatMap(\.tensors)
    shards = (0..<count).map { shard in
      SafetensorsBuilder(tensors.enumerated().filter { $0.offset % count == shard }.map(\.element))
    }
  }

  /// Changes a tensor by name, wherever it is.
  package mutating func change(
    _ name: String, _ body: (inout SafetensorsBuilder.Tensor) -> Void
  ) {
    for shard in shards.indices { shards[shard].change(name, body) }
  }

  /// The folder.
  package func folder() -> MemoryFolder { MemoryFolder(name: "tiny", files: files()) }

  /// The files by name.
  package func files() -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    func add(_ name: String, _ text: String?) {
      if let text { files[name] = Array(text.utf8) }
    }
    add("config.json", configuration.text)
    add("tokenizer.json", tokenizer.text)
    add("tokenizer_config.json", tokenizerConfiguration?.text)
    add("generation_config.json", generation?.text)
    add("chat_template.jinja", chatTemplate)
    for (place, shard) in shards.enumerated() { files[name(ofShard: place)] = shard.bytes() }
    if isIndexed {
      add(Self.indexName, index ?? JSONText.object([("weight_map", weightMap ?? places)]).text)
    }
    for (name, bytes) in replaced { files[name] = bytes }
    return files
  }

  /// The file of each tensor, as an index has it.
  package var places: JSONText {
    .object(
      shards.enumerated().flatMap { place, shard in
        shard.tensors.map { (name: $0.name, value: .string(name(ofShard: place))) }
      })
  }
}
