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

/// The members of a JSON object in the order of the document; names are unique.
public struct JSONObject: Sendable, Hashable {
  /// One name and its value.
  public struct Member: Sendable, Hashable {
    public let name: String
    public let value: JSONValue
  }

  /// The members in document order.
  public private(set) var members: [Member] = []
  private var positions: [String: Int] = [:]

  /// Creates an object without members.
  public init() {}

  /// The value of a member, or nil where there is none; setting replaces in place or appends.
  public subscript(name: String) -> JSONValue? {
    get { positions[name].map { members[$0].value } }
    set {
      switch (positions[name], newValue) {
      case (let position?, let value?): members[position] = Member(name: name, value: value)
      case (nil, let value?):
        positions[name] = members.count
        members.append(Member(name: name, value: value))
      case (let position?, nil):
        members.remove(at: position)
        positions[name] = nil
        for index in members.indices[position...] { positions[members[index].name] = index }
      case (nil, nil): break
      }
    }
  }
}
