import JSON

/// The hyper-parameters in a folder's `config.json`.
///
/// Models that read pictures too keep those of their text part in `text_config`.
package struct FolderConfiguration: ModelConfiguration {
  /// The name of the file.
  static let file = "config.json"

  package let architecture: String
  package let pairsNeighbours = false
  package let omitsDefaults = true
  package internal(set) var modules = TextModules()
  /// Whether the head has weights of its own, whatever the file says: Nemotron-H's always has.
  var hasOwnHead = false
  /// What the folder is called.
  let folderName: String
  /// The whole file.
  let root: JSONObject
  /// The text part, or the whole file.
  let values: JSONObject
  /// Which members were asked for, and what was repaired.
  let notes = LoadingNotes()
  /// How weights are quantised, where they are.
  let quantization: (any FolderQuantization)?

  /// Parses the file.
  init(_ text: [UInt8], folderName: String = "") throws(ModelError) {
    self.folderName = folderName
    var limits = JSONLimits(depth: 32, values: 100_000)
    limits.allowsInfinity = true
    root = try JSONFile.object(text, file: Self.file, limits: limits)
    if case .object(let part)? = root["text_config"] { values = part } else { values = root }
    guard case .string(let name)? = values["model_type"] ?? root["model_type"],
      name.utf8.count <= 64
    else { throw ModelError(.missing, field: Self.field("model_type"), "a short text is needed") }
    architecture = name
    let key = "quantization_config"
    notes.read(key)
    if let value = values[key] ?? root[key], value != .null {
      quantization = try FolderQuantizations.quantization(value)
    } else {
      quantization = nil
    }
  }

  package var architectureField: String { Self.field("model_type") }

  package var isTied: Bool? {
    if hasOwnHead { return false }
    guard case .bool(let value)? = values["tie_word_embeddings"] ?? root["tie_word_embeddings"]
    else { return nil }
    return value
  }

  package func vocabularySize(default: Int?) throws(ModelError) -> Int {
    if let count = try integerIfPresent(.vocabularySize, in: 1...(1 << 24)) ?? `default` {
      return count
    }
    throw ModelError(.missing, field: Self.field("vocab_size"), "the model needs this key")
  }

  package func name(of key: ConfigurationKey) -> String {
    Self.field(key.folder.first { value(named: $0) != nil } ?? key.folder.first ?? "a key")
  }

  package func integerIfPresent(
    _ key: ConfigurationKey, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int? {
    guard let (name, value) = value(of: key) else { return nil }
    return try Self.integer(value, name, in: range)
  }

  package func numberIfPresent(
    _ key: ConfigurationKey, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    guard let (name, value) = value(of: key) else { return nil }
    return try Self.number(value, name, in: range)
  }

  package func flagIfPresent(_ key: ConfigurationKey) throws(ModelError) -> Bool? {
    guard let (name, value) = value(of: key) else { return nil }
    guard case .bool(let flag) = value else { throw Self.wrongType(name, "true or false") }
    return flag
  }

  package func isNull(_ key: ConfigurationKey) -> Bool {
    key.folder.contains { value(named: $0) == .null } && value(of: key) == nil
  }

  package func stringIfPresent(_ key: ConfigurationKey) throws(ModelError) -> String? {
    guard let (name, value) = value(of: key) else { return nil }
    guard case .string(let text) = value, text.utf8.count <= 64 else {
      throw Self.wrongType(name, "a short text")
    }
    return text
  }

  /// Members that may change results, and that nobody has read.
  var unreadKeys: [String] {
    values.members.lazy
      .filter { !notes.hasRead($0.name) && !HarmlessMembers.contains($0.name, in: values) }
      .map { Self.field(String($0.name.prefix(80))) }
  }

  /// The layers that run, where the folder has further ones that only draft tokens; nil where it has none.
  var layersBeforeDrafts: Int? {
    guard case .integer(1...)? = values["num_nextn_predict_layers"] else { return nil }
    return try? integerIfPresent(.layers, in: 1...1024)
  }

  /// The tokens that `eos_token_id` names: one or several.
  func ends() throws(ModelError) -> [Int] {
    try Self.tokens(values["eos_token_id"] ?? root["eos_token_id"], Self.field("eos_token_id"))
  }

  /// The tokens that a value names: one, or an array of several.
  static func tokens(_ value: JSONValue?, _ field: String) throws(ModelError) -> [Int] {
    let list: [JSONValue]
    switch value {
    case nil, .null: return []
    case .array(let values) where values.count <= 1024: list = values
    case .some(let value): list = [value]
    }
    var tokens: [Int] = []
    for value in list {
      guard case .integer(let token) = value, (0..<(1 << 24)).contains(token) else {
        throw ModelError(
          .invalid, field: field, "the number of a token is needed, or an array of them")
      }
      tokens.append(token)
    }
    return tokens
  }

  package func integersIfPresent(
    _ key: ConfigurationKey, count: Int, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int]? {
    guard let (name, value) = value(of: key), case .array(let list) = value else { return nil }
    guard list.count == count else {
      throw Self.wrongType(name, "an array of \(count) integers")
    }
    return try Self.integers(list, name, in: range)
  }

  package func integerListIfPresent(
    _ key: ConfigurationKey, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int]? {
    guard let (name, value) = value(of: key) else { return nil }
    guard case .array(let list) = value, list.count <= 1024 else {
      throw Self.wrongType(name, "an array of integers")
    }
    return try Self.integers(list, name, in: range)
  }

  private static func integers(
    _ list: [JSONValue], _ name: String, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int] {
    var integers: [Int] = []
    for value in list { integers.append(try integer(value, name, in: range)) }
    return integers
  }

  package func numbersIfPresent(
    _ key: ConfigurationKey, count: Int
  ) throws(ModelError) -> [Float]? {
    guard let (name, value) = value(of: key), case .array(let list) = value else { return nil }
    guard list.count == count else {
      throw Self.wrongType(name, "an array of \(count) numbers")
    }
    var numbers: [Float] = []
    for value in list { numbers.append(Float(try Self.number(value, name, in: -1e30...1e30))) }
    return numbers
  }

  private func value(of key: ConfigurationKey) -> (String, JSONValue)? {
    for name in key.folder { notes.read(String(name.prefix { $0 != "/" })) }
    for name in key.folder {
      // Some writers say `auto` where others leave a key out.
      if let value = value(named: name), value != .null, value != .string("auto") {
        return (name, value)
      }
    }
    return nil
  }

  /// The value of a name; what stands in an object or an array within is named with a slash.
  private func value(named name: String) -> JSONValue? {
    var value = JSONValue.object(values)
    for part in name.split(separator: "/") {
      switch value {
      case .object(let object):
        guard let inner = object[String(part)] else { return nil }
        value = inner
      case .array(let list):
        guard let place = Int(part), list.indices.contains(place) else { return nil }
        value = list[place]
      default: return nil
      }
    }
    return value
  }

  /// The integer that a value is; fractions of nothing, such as `64.0`, count.
  static func integer(
    _ value: JSONValue, _ name: String, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int {
    let integer: Int?
    switch value {
    case .integer(let number): integer = number
    case .number(let number): integer = Int(exactly: number)
    default: integer = nil
    }
    guard let integer else { throw wrongType(name, "an integer") }
    guard range.contains(integer) else {
      throw ModelError(
        .invalid, field: field(name),
        "\(integer) must lie in \(range.lowerBound)...\(range.upperBound)")
    }
    return integer
  }

  /// The number that a value is.
  static func number(
    _ value: JSONValue, _ name: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double {
    let number: Double
    switch value {
    case .integer(let value): number = Double(value)
    case .number(let value): number = value
    // As some writers say what JSON has no number for.
    case .object(let object) where object["__float__"] == .string("Infinity"): number = .infinity
    default: throw wrongType(name, "a number")
    }
    guard range.contains(number) else {
      throw ModelError(
        .invalid, field: field(name),
        "\(number) must lie in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  /// The object that a value is; nil where there is none, or null.
  static func object(_ value: JSONValue?, _ name: String) throws(ModelError) -> JSONObject? {
    switch value {
    case nil, .null: return nil
    case .object(let object): return object
    default: throw wrongType(name, "an object")
    }
  }

  /// The error for a value of another type than the one that is needed.
  static func wrongType(_ name: String, _ wanted: String) -> ModelError {
    ModelError(.invalid, field: field(name), "the value must be \(wanted)")
  }

  /// How errors name a key.
  static func field(_ name: String) -> String { "\(file): \(name)" }
}
