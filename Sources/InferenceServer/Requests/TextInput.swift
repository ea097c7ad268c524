import JSON
import Tokenizers

/// A text that a request brings, written out or as tokens.
enum TextInput: Hashable, Sendable {
  case text(String)
  case tokens([Token])

  /// Whether it came as tokens.
  var isTokens: Bool {
    if case .tokens = self { true } else { false }
  }

  /// Reads a field that is a string, an array of strings, an array of tokens, or an array of such.
  ///
  /// - Parameter most: How many texts there may be.
  /// - Returns: At least one; nil where the field is absent.
  static func list(
    _ fields: FieldReader, _ name: String, most: Int, vocabularySize: Int
  ) throws(APIError) -> [TextInput]? {
    guard let value = fields.value(name) else { return nil }
    guard case .array(let elements) = value else {
      return [try TextInput(value, fields, name, vocabularySize: vocabularySize)]
    }
    guard let first = elements.first else { throw fields.invalid(name, "must not be empty") }
    if first.asInteger != nil {
      return [try TextInput(value, fields, name, vocabularySize: vocabularySize)]
    }
    guard elements.count <= most else {
      throw fields.invalid(name, "may have at most \(most) texts, not \(elements.count)")
    }
    var inputs: [TextInput] = []
    for (index, element) in elements.enumerated() {
      inputs.append(
        try TextInput(element, fields, "\(name)[\(index)]", vocabularySize: vocabularySize))
    }
    return inputs
  }

  private init(
    _ value: JSONValue, _ fields: FieldReader, _ name: String, vocabularySize: Int
  ) throws(APIError) {
    switch value {
    case .string(let text): self = .text(text)
    case .array(let elements):
      guard !elements.isEmpty else { throw fields.invalid(name, "must not be empty") }
      var tokens: [Token] = []
      tokens.reserveCapacity(elements.count)
      for element in elements {
        guard let id = element.asInteger else {
          throw fields.mismatch(name, "a string or an array of tokens")
        }
        guard (0..<vocabularySize).contains(id) else {
          throw fields.invalid(name, "must have tokens from 0 to \(vocabularySize - 1), not \(id)")
        }
        tokens.append(Token(truncatingIfNeeded: id))
      }
      self = .tokens(tokens)
    default: throw fields.mismatch(name, "a string or an array of strings or tokens")
    }
  }
}

extension GenerationService {
  /// The tokens of a text; where it is empty, what begins a new document.
  ///
  /// - Parameter namesControlTokens: Whether a control token's name in a text is that token.
  func tokens(of input: TextInput, namesControlTokens: Bool) -> [Token] {
    switch input {
    case .tokens(let tokens): return tokens
    case .text(let text):
      let tokens = encode([PromptSegment(text, from: namesControlTokens ? .template : .content)])
      return tokens.isEmpty ? model.documentStart.map { [$0] } ?? [] : tokens
    }
  }
}

extension APIError {
  /// A gap in a text, for a model that cannot be asked to fill it.
  static func noFillInMarks(_ name: String) -> APIError {
    .invalid(
      name, "this model's vocabulary has no marks for filling gaps; leave \(name) out",
      .unsupportedValue)
  }

  /// A text with more tokens than the context has room for.
  static func tooLong(_ name: String, tokens: Int, most: Int) -> APIError {
    .invalid(
      name, "\(name) has \(tokens) tokens but there is room for \(most); shorten it",
      .contextLength)
  }
}
