import JSON

extension JSONValue {
  /// The value on one line, shortened, for people to read.
  var summary: String {
    switch self {
    case .null: return "null"
    case .bool(let truth): return "\(truth)"
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    case .string(let text): return text.quotedSummary
    case .array(let values):
      let shown = values.prefix(4).map(\.summary).joined(separator: ", ")
      return "[\(shown)\(values.count > 4 ? ", …" : "")] (\(values.count) values)"
    case .object(let object):
      let shown = object.members.prefix(8).map { "\($0.name): \($0.value.summary)" }
      return "{\(shown.joined(separator: ", "))\(object.members.count > 8 ? ", …" : "")}"
    }
  }
}
