package import JSON

/// What an answer says next, in the order of the answer.
package enum AnswerEvent: Hashable, Sendable {
  /// A piece of what the model thinks.
  case reasoning(String)
  /// A piece of the answer's own text.
  case content(String)
  /// A call begins; calls are counted from 0, and the id is the model's own, if it wrote one so early.
  case callBegan(index: Int, id: String?, name: String)
  /// A piece of a call's arguments, which are JSON when joined.
  case arguments(index: Int, String)
  /// A call is over; its arguments are incomplete where the answer was cut or the call malformed.
  case callEnded(index: Int, isComplete: Bool)
}

/// What a parser of answers has to know of a tool.
package struct ToolSignature: Hashable, Sendable {
  /// How values of a parameter are written where marks surround them.
  package enum Kind: Hashable, Sendable {
    /// As the string itself.
    case text
    /// As JSON, and never as a bare string.
    case value
    /// As the string itself or as JSON.
    case either
  }

  /// The tool's name.
  package var name: String
  /// The kinds of its parameters by name, byte for byte.
  package var kinds: [ExactText: Kind]

  /// Creates a signature.
  package init(name: String, kinds: [String: Kind] = [:]) {
    self.name = name
    self.kinds = [:]
    for (name, kind) in kinds { self.kinds[ExactText(name)] = kind }
  }
}
