/// A JSON document as it was written: members keep their order, integers stay exact.
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// The members of a JSON object in the order of the document; names are unique, byte for byte.
public struct JSONObject: Sendable {
  /// One name and its value.
  public struct Member: Sendable {
    /// The name, unescaped.
    public let name: String
    /// The value.
    public let value: JSONValue
  }

  /// The members in document order.
  public private(set) var members: [Member] = []
  /// Where names stand; empty while there are so few that looking at each is faster.
  private var positions: [ExactText: Int] = [:]

  /// Creates an object without members.
  public init() {}

  /// The value of a member, or nil where there is none; setting replaces in place or appends.
  public subscript(name: String) -> JSONValue? {
    get { position(of: name).map { members[$0].value } }
    set {
      switch (position(of: name), newValue) {
      case (let position?, let value?): members[position] = Member(name: name, value: value)
      case (nil, let value?):
        members.append(Member(name: name, value: value))
        if members.count > Self.scanLimit { index(from: positions.count) }
      case (let position?, nil):
        members.remove(at: position)
        positions = [:]
        if members.count > Self.scanLimit { index(from: 0) }
      case (nil, nil): break
      }
    }
  }

  private static let scanLimit = 8

  private func position(of name: String) -> Int? {
    let name = ExactText(name)
    return members.count > Self.scanLimit
      ? positions[name] : members.firstIndex { ExactText($0.name) == name }
  }

  private mutating func index(from start: Int) {
    for index in members.indices[start...] {
      positions[ExactText(members[index].name)] = index
    }
  }
}

extension JSONObject: Hashable {
  /// Compares names, values and their order.
  public static func == (one: JSONObject, other: JSONObject) -> Bool {
    one.members == other.members
  }

  /// Hashes names and values in their order.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(members)
  }
}

extension JSONValue: Hashable {
  /// Compares values as they are written: texts by their bytes, members in their order.
  public static func == (one: JSONValue, other: JSONValue) -> Bool {
    switch (one, other) {
    case (.null, .null): true
    case (.bool(let first), .bool(let second)): first == second
    case (.integer(let first), .integer(let second)): first == second
    case (.number(let first), .number(let second)): first == second
    case (.string(let first), .string(let second)): ExactText(first) == ExactText(second)
    case (.array(let first), .array(let second)): first == second
    case (.object(let first), .object(let second)): first == second
    default: false
    }
  }

  /// Hashes the value as it is written.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let flag): hasher.combine(flag)
    case .integer(let integer): hasher.combine(integer)
    case .number(let double): hasher.combine(double)
    case .string(let text): hasher.combine(ExactText(text))
    case .array(let elements): hasher.combine(elements)
    case .object(let object): hasher.combine(object)
    }
  }
}

extension JSONObject.Member: Hashable {
  /// Compares the name by its bytes, and the value.
  public static func == (one: JSONObject.Member, other: JSONObject.Member) -> Bool {
    ExactText(one.name) == ExactText(other.name) && one.value == other.value
  }

  /// Hashes the name and the value.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ExactText(name))
    hasher.combine(value)
  }
}
