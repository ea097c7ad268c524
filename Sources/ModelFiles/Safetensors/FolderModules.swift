import JSON

/// Reads what sentence-transformers keeps in a model's folder.
struct FolderModules {
  /// What the files say.
  private(set) var modules = TextModules()
  /// The folders of linear layers by the canonical names of their tensors.
  private(set) var denseFolders: [(name: String, folder: String)] = []

  private static let listFile = "modules.json"
  private static let promptsFile = "config_sentence_transformers.json"
  private static let lengthFile = "sentence_bert_config.json"

  /// Reads the list of modules, the files of each, and what stands beside it.
  init(_ texts: inout FolderTexts) throws(ModelError) {
    if let list = try texts.optionalValue(Self.listFile) { try read(list, &texts) }
    if let object = try texts.optionalObject(Self.promptsFile) { try readPrompts(object) }
    guard modules.areStated, let object = try texts.optionalObject(Self.lengthFile),
      let length = object["max_seq_length"], length != .null
    else { return }
    modules.maximumLength = try Self.integer(length, "\(Self.lengthFile): max_seq_length")
  }

  private mutating func read(
    _ list: JSONValue, _ texts: inout FolderTexts
  ) throws(ModelError) {
    guard case .array(let entries) = list, entries.count <= 16 else {
      throw ModelError(
        .invalid, field: Self.listFile, "an array of at most 16 modules is needed")
    }
    modules.areStated = true
    modules.normalizes = false
    for entry in entries {
      guard case .object(let module) = entry, case .string(let type)? = module["type"],
        case .string(let path)? = module["path"]
      else {
        throw ModelError(.invalid, field: Self.listFile, "a module needs a type and a path")
      }
      try read(type.split(separator: ".").last.map(String.init) ?? type, path, &texts)
    }
  }

  private mutating func read(
    _ type: String, _ path: String, _ texts: inout FolderTexts
  ) throws(ModelError) {
    if modules.normalizes {
      throw ModelError(.unsupported, field: Self.listFile, "a module after the one that normalizes")
    }
    switch type {
    case "Transformer" where path.isEmpty: break
    case "Normalize": modules.normalizes = true
    case "Pooling": modules.pooling = try Self.pooling(texts.module(path))
    case "Dense": try addDense(texts.module(path), path)
    default:
      throw ModelError(
        .unsupported, field: Self.listFile,
        "a module \(type.prefix(40).debugDescription) in \(path.prefix(40).debugDescription)")
    }
  }

  private mutating func addDense(
    _ module: (object: JSONObject, field: String), _ path: String
  ) throws(ModelError) {
    // As GGUF files count: after the network and the pooling.
    let name = "dense_\(modules.dense.count + 2)"
    func size(_ key: String) throws(ModelError) -> Int {
      try Self.integer(module.object[key] ?? .null, "\(module.field): \(key)")
    }
    var dense = TextModules.Dense(
      name: name, inputs: try size("in_features"), outputs: try size("out_features"),
      hasBias: module.object["bias"] != .bool(false))
    switch module.object["activation_function"] {
    case .string(let text) where text.hasSuffix(".Identity"): break
    // What sentence-transformers takes where nothing is said.
    case nil: dense.hasTanh = true
    case .string(let text) where text.hasSuffix(".Tanh"): dense.hasTanh = true
    default:
      throw ModelError(
        .unsupported, field: "\(module.field): activation_function",
        "not one of Identity and Tanh")
    }
    modules.dense.append(dense)
    denseFolders.append((name, path))
  }

  private static func pooling(
    _ module: (object: JSONObject, field: String)
  ) throws(ModelError) -> TextModules.Pooling {
    let object = module.object
    guard object["include_prompt"] != .bool(false) else {
      throw ModelError(
        .unsupported, field: "\(module.field): include_prompt", "prompts are always pooled too")
    }
    let known: [String: TextModules.Pooling] = [
      "pooling_mode_mean_tokens": .mean, "pooling_mode_cls_token": .first,
      "pooling_mode_lasttoken": .last,
    ]
    if case .string(let name)? = object["pooling_mode"] {
      let byName: [String: TextModules.Pooling] = [
        "mean": .mean, "cls": .first, "lasttoken": .last,
      ]
      if let pooling = byName[name] { return pooling }
    }
    let modes = object.members.filter {
      $0.name.hasPrefix("pooling_mode_") && $0.value == .bool(true)
    }
    guard modes.count == 1, let pooling = known[modes[0].name] else {
      throw ModelError(
        .unsupported, field: module.field,
        "one of mean_tokens, cls_token and lasttoken must be the only way of pooling")
    }
    return pooling
  }

  private mutating func readPrompts(_ object: JSONObject) throws(ModelError) {
    let field = "\(Self.promptsFile): prompts"
    guard case .object(let prompts)? = object["prompts"] else { return }
    guard prompts.members.count <= 256 else {
      throw ModelError(.limit, field: field, "\(prompts.members.count) prompts; at most 256")
    }
    for member in prompts.members {
      guard case .string(let text) = member.value, text.utf8.count <= 65_536,
        member.name.utf8.count <= 256
      else { throw ModelError(.invalid, field: field, "short texts by short names are needed") }
      modules.prompts[member.name] = text
    }
    guard case .string(let name)? = object["default_prompt_name"] else { return }
    guard modules.prompts[name] != nil else {
      throw ModelError(
        .invalid, field: "\(Self.promptsFile): default_prompt_name",
        "\(name.prefix(40).debugDescription) is not one of the prompts")
    }
    modules.defaultPrompt = name
  }

  private static func integer(_ value: JSONValue, _ field: String) throws(ModelError) -> Int {
    guard case .integer(let number) = value, (1...16_777_216).contains(number) else {
      throw ModelError(.invalid, field: field, "an integer from 1 to 16777216 is needed")
    }
    return number
  }
}

extension FolderTexts {
  /// The configuration of a module, which lies in a folder of its own, and what errors call it.
  fileprivate mutating func module(
    _ path: String
  ) throws(ModelError) -> (object: JSONObject, field: String) {
    try DiskFolder.checkName(path, field: "modules.json")
    let file = "\(path)/config.json"
    guard let object = try optionalObject(file) else {
      throw ModelError(.missing, field: file, "modules.json names a module that is not there")
    }
    return (object, file)
  }
}

extension FolderConfiguration {
  /// Whether what a classifier gives is the score as it is, which cross-encoders of sentence-transformers
  /// say.
  var statesIdentity: Bool {
    var stated = values["sbert_ce_default_activation_function"]
    if case .object(let own)? = values["sentence_transformers"] {
      stated = own["activation_fn"] ?? stated
    }
    guard case .string(let name)? = stated else { return false }
    return name.hasSuffix(".Identity")
  }

  /// What a classifier gives.
  package var classes: Int? {
    guard architectures.contains(where: { $0.hasSuffix("ForSequenceClassification") }) else {
      return nil
    }
    if case .integer(let count)? = values["num_labels"] { return max(0, count) }
    if case .object(let labels)? = values["id2label"] { return labels.members.count }
    return 2
  }

  package var hasHead: Bool {
    // `BertModel` ends with its states, `GPT2LMHeadModel` does not.
    !architectures.contains { $0.hasSuffix("Model") && !$0.hasSuffix("LMHeadModel") }
  }

  package func isCalled(_ word: String) -> Bool {
    var names = [folderName]
    if case .string(let name)? = values["_name_or_path"] { names.append(name) }
    return names.contains {
      String($0.map { $0 == "_" ? "-" : $0 }).lowercased().contains(word)
    }
  }

  /// The names of the published code's types.
  private var architectures: [String] {
    guard case .array(let names)? = values["architectures"] ?? root["architectures"] else {
      return []
    }
    return names.compactMap { if case .string(let name) = $0 { name } else { nil } }
  }
}
