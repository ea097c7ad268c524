public import JSON

/// A form of answers, as whoever asks for it writes it down.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum ConstraintSource: Sendable, Hashable {
  /// A JSON object, whatever its members.
  case jsonObject
  /// A JSON text that a JSON Schema accepts.
  case jsonSchema(JSONValue)
  /// A text that a regular expression in the syntax of ECMA-262 matches from its beginning to its end.
  case regex(String)
  /// One of some texts.
  case choice([String])
  /// A text of a grammar in llama.cpp's notation, GBNF; XGrammar's is nearly the same.
  case gbnf(String)
  /// A text of a grammar in Lark's notation, as far as llguidance takes it.
  case lark(String)
  /// Text with parts that have a form, as XGrammar's structural tags describe it.
  case structuralTag(JSONValue)
  /// Thinking, then text or calls of tools as the model writes them.
  indirect case answer(AnswerForm)
}

extension ConstraintSource {
  /// A grammar in either notation, told apart as vLLM does: only GBNF has `::=`.
  package static func grammar(_ text: String) -> ConstraintSource {
    text.contains("::=") ? .gbnf(text) : .lark(text)
  }
}

/// What besides a source decides what answers may look like.
public struct ConstraintOptions: Sendable, Hashable {
  /// Whether blanks and line breaks may stand between the parts of a JSON text: one line break with at
  /// most 40 blanks, or one space.
  public var allowsWhiteSpace = true

  /// Creates the usual options.
  public init() {}
}

/// Why a form of answers cannot be enforced.
public struct ConstraintError: Error, Sendable, Hashable {
  /// What kind of fault it is.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// It is malformed.
    case invalid = "invalid_schema"
    /// Its meaning is known, and cannot be enforced exactly.
    case unsupported = "unsupported_schema"
    /// It is beyond a limit.
    case tooComplex = "schema_too_complex"
    /// No text fits.
    case unsatisfiable = "unsatisfiable_schema"
  }

  /// The kind of the first fault.
  public let code: Code
  /// All faults, at most 8, with their places.
  public let description: String
  /// The tool whose parameters are at fault, by its place in the list; nil for the form of the text.
  public var tool: Int?

  /// Creates an error.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

extension ConstraintError: CustomStringConvertible {}
