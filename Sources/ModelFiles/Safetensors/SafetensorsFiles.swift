import JSON

/// The safetensors files of a folder: one, or the shards that an index lists.
struct SafetensorsFiles: Sendable {
  /// One file.
  struct Shard: Sendable {
    /// The file's name.
    let name: String
    /// The file.
    let source: any ByteSource
    /// Its header.
    let header: SafetensorsHeader
  }

  /// The files in the order of their names.
  private(set) var shards: [Shard]

  private static let single = "model.safetensors"
  private static let index = "model.safetensors.index.json"
  /// Files with weights as PyTorch saves them.
  private static let pickles = [
    "pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth",
  ]
  /// Files that an index may list.
  private static let mostShards = 4096

  /// Opens the files and checks their headers, and that an index lists just what they hold.
  init(_ folder: some ModelFolder, limits: ModelFileLimits = .standard) throws(ModelError) {
    if let source = try folder.open(Self.single) {
      let header = try SafetensorsHeader(source, file: Self.single, limits: limits)
      shards = [Shard(name: Self.single, source: source, header: header)]
      return
    }
    guard let text = try folder.read(Self.index) else { throw try Self.missing(in: folder) }
    let places = try Self.places(text, in: folder, limits: limits)
    var shards: [Shard] = []
    for name in Set(places.values).sorted() {
      guard let source = try folder.open(name) else {
        throw ModelError(.missing, field: name, "the index lists this file, which is not there")
      }
      let header = try SafetensorsHeader(source, file: name, limits: limits)
      shards.append(Shard(name: name, source: source, header: header))
    }
    try Self.check(shards, against: places)
    self.shards = shards
  }

  /// Adds the file of a linear layer beside the model, whose tensors get a name of their own.
  mutating func add<Folder: ModelFolder>(
    _ name: String, in path: String, of folder: Folder, limits: ModelFileLimits
  ) throws(ModelError) {
    try Folder.checkName(path, field: "modules.json")
    let file = "\(path)/\(Self.single)"
    guard let source = try folder.open(file) else {
      throw ModelError(.missing, field: file, "the weights of the module are not there")
    }
    var header = try SafetensorsHeader(source, file: file, limits: limits)
    header.replacePrefix("linear.", by: "\(name).")
    shards.append(Shard(name: file, source: source, header: header))
  }

  /// Rows of the embedding, V; nil where no tensor has its name.
  var embeddingRows: Int? {
    shards.lazy.flatMap(\.header.tensors).first { $0.name.hasSuffix("embed_tokens.weight") }?
      .shape.first
  }

  /// Whether there is a tensor of a name.
  func hasTensor(_ name: String) -> Bool {
    shards.contains { shard in shard.header.tensors.contains { $0.name == name } }
  }

  /// The error for a folder without weights that can be read.
  private static func missing(in folder: some ModelFolder) throws(ModelError) -> ModelError {
    for name in pickles where try folder.open(name) != nil {
      return ModelError(
        .unsupported, field: name,
        "the weights are a pickle, which could run code when it is read; convert them to safetensors"
      )
    }
    return ModelError(
      .missing, field: single, "the folder has neither \(single) nor \(index)")
  }

  /// The file of each tensor, as an index says.
  private static func places<Folder: ModelFolder>(
    _ text: [UInt8], in folder: Folder, limits: ModelFileLimits
  ) throws(ModelError) -> [String: String] {
    let object = try JSONFile.object(
      text, file: index, limits: JSONLimits(depth: 16, values: Int(clamping: limits.tensors * 4)))
    guard case .object(let map)? = object["weight_map"], !map.members.isEmpty else {
      throw ModelError(.invalid, field: "\(index): weight_map", "a map of tensors is needed")
    }
    var places: [String: String] = [:]
    for member in map.members {
      let field = "\(index): \(member.name.prefix(200))"
      guard case .string(let file) = member.value else {
        throw ModelError(.invalid, field: field, "the name of a file is needed")
      }
      try Folder.checkName(file, field: field)
      guard file.hasSuffix(".safetensors") else {
        throw ModelError(
          .unsupported, field: field, "\(file.debugDescription) is no safetensors file")
      }
      places[member.name] = file
    }
    guard Set(places.values).count <= mostShards else {
      throw ModelError(.limit, field: index, "more than \(mostShards) files")
    }
    return places
  }

  private static func check(
    _ shards: [Shard], against places: [String: String]
  ) throws(ModelError) {
    var left = places
    for shard in shards {
      for tensor in shard.header.tensors {
        guard left.removeValue(forKey: tensor.name) == shard.name else {
          let place = places[tensor.name]
          throw ModelError(
            place == nil || place != shard.name ? .invalid : .duplicate,
            field: "\(shard.name): \(tensor.name)",
            place.map { "the index puts the tensor into \($0)" }
              ?? "the index does not list the tensor")
        }
      }
    }
    if let missing = left.keys.min() {
      throw ModelError(
        .missing, field: missing,
        "the index puts the tensor into \(left[missing] ?? "a file"),"
          + " which does not have it")
    }
  }
}
