/// A JSON document as it was written: members keep their order, integers stay exact.
public enum JSONValue: Sendable, Hashable {
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
  public struct Member: Sendable, Hashable {
    /// The name, unescaped.
    public let name: String
    /// The value.
    public let value: JSONValue
  }

  /// The members in document order.
  public private(set) var members: [Member] = []
  /// Where names stand; empty while there are so few that looking at each is faster.
  private var positions: [ExactName: Int] = [:]

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
    let name = ExactName(text: name)
    return members.count > Self.scanLimit
      ? positions[name] : members.firstIndex { ExactName(text: $0.name) == name }
  }

  private mutating func index(from start: Int) {
    for index in members.indices[start...] {
      positions[ExactName(text: members[index].name)] = index
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

/// A name compared by its bytes; `String` would call two spellings of an accented letter equal.
private struct ExactName: Sendable, Hashable {
  let text: String

  static func == (one: ExactName, other: ExactName) -> Bool {
    one.text.utf8.elementsEqual(other.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }
}
