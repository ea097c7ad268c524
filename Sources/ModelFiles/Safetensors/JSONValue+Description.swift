import JSON

extension JSONValue {
  /// The value on one line, shortened, for people to read.
  var summary: String { summary(depth: 3) }

  /// - Parameter depth: Containers that are shown inside each other; of deeper ones nothing is.
  private func summary(depth: Int) -> String {
    switch self {
    case .null: return "null"
    case .bool(let truth): return "\(truth)"
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    case .string(let text): return text.quotedSummary
    case .array(let values):
      guard depth > 0 || values.isEmpty else { return "[…]" }
      let shown = values.prefix(4).map { $0.summary(depth: depth - 1) }.joined(separator: ", ")
      return values.count > 4 ? "[\(shown), …] (\(values.count) values)" : "[\(shown)]"
    case .object(let object):
      guard depth > 0 || object.members.isEmpty else { return "{…}" }
      let shown = object.members.prefix(8).map {
        "\($0.name.prefix(64)): \($0.value.summary(depth: depth - 1))"
      }
      return "{\(shown.joined(separator: ", "))\(object.members.count > 8 ? ", …" : "")}"
    }
  }
}
