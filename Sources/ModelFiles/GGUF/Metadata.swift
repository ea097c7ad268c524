/// The metadata of a model file, handed out by key with type and range checked.
///
/// Every accessor names the key in its error, so that a caller states what it needs in one line:
///
///     let layers = try metadata.integer("llama.block_count", in: 1...1024)
package struct Metadata: Sendable {
  /// A value and where its entry stands in the file.
  package struct Entry: Sendable, Hashable {
    /// The value.
    package let value: MetadataValue
    /// The offset of the entry.
    package let offset: UInt64
  }

  /// The keys in the order of the file.
  package private(set) var keys: [String] = []
  /// Which keys were asked for, and what was repaired.
  package let notes = LoadingNotes()
  private var entries: [String: Entry] = [:]
  private var folded: Set<String> = []

  /// Creates metadata without entries.
  package init() {}

  /// The entry of a key, if it is there.
  package subscript(key: String) -> Entry? { entries[key] }

  /// The entry of a key that is asked for by who needs its value.
  func entry(of key: String) -> Entry? {
    notes.read(key)
    return entries[key]
  }

  /// Adds an entry, unless its key stands there already.
  mutating func add(_ key: String, _ entry: Entry) throws(ModelError) {
    guard entries.updateValue(entry, forKey: key) == nil else {
      throw ModelError(.duplicate, field: key, offset: entry.offset, "the key stands twice")
    }
    if !folded.insert(key.lowercased()).inserted {
      notes.warn(key, "the key differs from another one in letter case only")
    }
    keys.append(key)
  }
}

extension Metadata {
  /// The integer of a key, which must lie in a range.
  package func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int {
    try require(integerIfPresent(key, in: range), key)
  }

  /// The integer of a key, which must lie in a range; nil where the key is missing.
  package func integerIfPresent(
    _ key: String, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int? {
    guard let entry = entry(of: key) else { return nil }
    return try integer(entry, key: key, in: range)
  }

  /// The number of a key, which must be finite and lie in a range; integers count as numbers.
  package func float(_ key: String, in range: ClosedRange<Double>) throws(ModelError) -> Double {
    try require(floatIfPresent(key, in: range), key)
  }

  /// The number of a key, which must be finite and lie in a range; nil where the key is missing.
  package func floatIfPresent(
    _ key: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    guard let entry = entry(of: key) else { return nil }
    return try float(entry, key: key, in: range)
  }

  /// The truth value of a key.
  package func bool(_ key: String) throws(ModelError) -> Bool {
    try require(boolIfPresent(key), key)
  }

  /// The truth value of a key; nil where the key is missing.
  package func boolIfPresent(_ key: String) throws(ModelError) -> Bool? {
    guard let entry = entry(of: key) else { return nil }
    guard case .bool(let value) = entry.value else {
      throw wrongType(entry, key, wanted: "a truth value")
    }
    return value
  }

  /// The string of a key, which may not be longer than the given number of bytes.
  package func string(_ key: String, atMost bytes: Int = .max) throws(ModelError) -> String {
    try require(stringIfPresent(key, atMost: bytes), key)
  }

  /// The string of a key, bounded in bytes; nil where the key is missing.
  package func stringIfPresent(
    _ key: String, atMost bytes: Int = .max
  ) throws(ModelError) -> String? {
    guard let entry = entry(of: key) else { return nil }
    guard case .string(let value) = entry.value else {
      throw wrongType(entry, key, wanted: "a string")
    }
    guard value.utf8.count <= bytes else {
      throw ModelError(
        .limit, field: key, offset: entry.offset,
        "\(value.utf8.count) bytes; at most \(bytes) are allowed")
    }
    return value
  }

  func require<Value>(_ value: Value?, _ key: String) throws(ModelError) -> Value {
    guard let value else {
      throw ModelError(.missing, field: key, "the key is not in the file")
    }
    return value
  }

  func wrongType(_ entry: Entry, _ key: String, wanted: String) -> ModelError {
    ModelError(
      .invalid, field: key, offset: entry.offset,
      "the value is \(entry.value.typeName), not \(wanted)")
  }

  func integer(
    _ entry: Entry, key: String, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int {
    let value: Int?
    switch entry.value {
    case .unsigned(let number): value = Int(exactly: number)
    case .signed(let number): value = Int(exactly: number)
    default: throw wrongType(entry, key, wanted: "an integer")
    }
    guard let value, range.contains(value) else {
      throw outside(entry, key, "\(range.lowerBound)...\(range.upperBound)")
    }
    return value
  }

  func float(
    _ entry: Entry, key: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double {
    let value: Double
    switch entry.value {
    case .unsigned(let number): value = Double(number)
    case .signed(let number): value = Double(number)
    case .float(let number): value = number
    default: throw wrongType(entry, key, wanted: "a number")
    }
    guard value.isFinite, range.contains(value) else {
      throw outside(entry, key, "\(range.lowerBound)...\(range.upperBound)")
    }
    return value
  }

  private func outside(_ entry: Entry, _ key: String, _ range: String) -> ModelError {
    let found =
      switch entry.value {
      case .unsigned(let number): "\(number)"
      case .signed(let number): "\(number)"
      case .float(let number): "\(number)"
      default: entry.value.typeName
      }
    return ModelError(
      .invalid, field: key, offset: entry.offset, "the value is \(found); it must lie in \(range)")
  }
}
