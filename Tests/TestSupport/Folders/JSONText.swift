/// A JSON value to be written, right or wrong: names may stand twice, and numbers be anything.
package indirect enum JSONText: Sendable {
  /// Text that is written as it is.
  case raw(String)
  case string(String)
  case array([JSONText])
  case object([(name: String, value: JSONText)])

  /// The value as it is written.
  package var text: String {
    switch self {
    case .raw(let text): return text
    case .string(let text): return Self.quoted(text)
    case .array(let values): return "[\(values.map(\.text).joined(separator: ", "))]"
    case .object(let members):
      let list = members.map { "\(Self.quoted($0.name)): \($0.value.text)" }
      return "{\(list.joined(separator: ", "))}"
    }
  }

  /// The value of a member; setting replaces it, appends it, or removes it with nil.
  package subscript(name: String) -> JSONText? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.name == name }?.value
    }
    set {
      guard case .object(var members) = self else { return }
      let place = members.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): members.remove(at: place)
      case (nil, let value?): members.append((name, value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// A number as Swift writes it.
  package static func number(_ value: some CustomStringConvertible) -> JSONText {
    .raw(value.description)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .number(value) }
  package init(nilLiteral: ()) { self = .raw("null") }
  package init(arrayLiteral elements: JSONText...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONText)...) {
    self = .object(elements.map { (name: $0.0, value: $0.1) })
  }
}
