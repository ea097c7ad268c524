/// A dictionary in order of insertion, with Python's notion of equal keys.
struct TemplateDictionary {
  /// A member.
  struct Entry {
    let key: TemplateValue
    var value: TemplateValue
    fileprivate let identity: TemplateKey
  }

  /// The members, in order of insertion.
  private(set) var entries: [Entry] = []
  /// One more than the deepest value.
  private(set) var depth = 1
  /// Positions by key, kept once there are enough members for it to pay.
  private var positions: [TemplateKey: Int] = [:]
  private static let indexedCount = 8

  /// Creates a dictionary without members.
  init() {}

  /// Creates a dictionary within the bounds of number and depth.
  init(
    _ pairs: [(key: TemplateValue, value: TemplateValue)], _ budget: TemplateBudget
  ) throws(TemplateError) {
    for pair in pairs { try set(pair.key, to: pair.value, budget) }
  }

  /// The value of a key, or nil where there is none or the value cannot be a key.
  func find(_ key: TemplateValue) -> TemplateValue? {
    TemplateKey(key).flatMap(position).map { entries[$0].value }
  }

  /// The value of a key that is a string.
  func find(_ name: String) -> TemplateValue? {
    find(.text(name))
  }

  /// Sets a member: in place if the key is there, or at the end.
  mutating func set(
    _ key: TemplateValue, to value: TemplateValue, _ budget: TemplateBudget
  ) throws(TemplateError) {
    guard let identity = TemplateKey(key) else {
      throw budget.fault("a \(key.typeName) cannot be a dictionary's key")
    }
    depth = max(depth, try budget.nesting(of: CollectionOfOne(value)))
    if let position = position(of: identity) {
      try budget.charge()
      entries[position].value = value
    } else {
      if entries.count >= TemplateBudget.maximumElements {
        try budget.reserve(elements: entries.count + 1)
      }
      try budget.charge()
      append(Entry(key: key, value: value, identity: identity))
    }
  }

  private mutating func append(_ entry: Entry) {
    entries.append(entry)
    if entries.count == Self.indexedCount {
      for (index, entry) in entries.enumerated() { positions[entry.identity] = index }
    } else if entries.count > Self.indexedCount {
      positions[entry.identity] = entries.count - 1
    }
  }

  private func position(of identity: TemplateKey) -> Int? {
    if entries.count >= Self.indexedCount { return positions[identity] }
    return entries.firstIndex { $0.identity == identity }
  }

  /// The keys, in order.
  var keys: [TemplateValue] { entries.map(\.key) }

  /// The values, in order.
  var values: [TemplateValue] { entries.map(\.value) }

  /// The members as pairs, in order.
  func items(_ budget: TemplateBudget) throws(TemplateError) -> [TemplateValue] {
    var result: [TemplateValue] = []
    for entry in entries {
      result.append(.tuple(try TemplateList([entry.key, entry.value], budget)))
    }
    return result
  }
}

/// What makes two keys the same: their text, or their number whatever its type.
enum TemplateKey: Hashable {
  case undefined
  case none
  case string([UInt8])
  case integer(Int)
  case float(Double)

  /// The identity of a value, or nil where it cannot be a key.
  init?(_ value: TemplateValue) {
    switch value {
    case .undefined: self = .undefined
    case .none: self = .none
    case .string(let string): self = .string(string.bytes)
    case .boolean(let flag): self = .integer(flag ? 1 : 0)
    case .integer(let integer): self = .integer(integer)
    case .float(let float): self = Int(exactly: float).map { .integer($0) } ?? .float(float)
    default: return nil
    }
  }
}
