/// A form whose answers are brought to their end before the limit of their tokens cuts them: texts end, and
/// lists have no more elements than they must.
struct ClosingConstraint: TokenConstraint {
  /// The form.
  let form: any TokenConstraint
  /// Tokens after which an answer is brought to its end.
  let start: Int
  /// The vocabulary.
  let tokenizer: Tokenizer

  /// Closes answers of a schema; nil where the shortest one may not fit into the limit.
  ///
  /// - Parameters:
  ///   - form: What enforces the schema.
  ///   - schema: The schema.
  ///   - limit: Tokens of an answer at most.
  init?(_ form: any TokenConstraint, schema: JSONValue, limit: Int, tokenizer: Tokenizer) {
    guard let text = ShortestAnswer(schema)?.text else { return nil }
    // A model may write a text in more tokens than it must.
    let reserve = tokenizer.encode(text).count * 3 / 2 + 8
    guard reserve < limit else { return nil }
    (self.form, self.tokenizer, start) = (form, tokenizer, limit - reserve)
  }

  func makeState() -> any ConstraintState {
    State(form: form.makeState(), left: start, tokenizer: tokenizer)
  }

  /// How far an answer has come.
  private struct State: ConstraintState {
    var form: any ConstraintState
    /// Tokens until it is brought to its end.
    var left: Int
    let tokenizer: Tokenizer
    var place = TextPlace()
    /// The tokens that end something, once they are wanted.
    var ends: ClosingTokens?

    mutating func mask(into mask: inout TokenMask) {
      guard left <= 0 else { return form.mask(into: &mask) }
      // Where nothing is allowed an answer that may end does.
      guard !form.mayEnd else { return }
      form.mask(into: &mask)
      let ends = ends ?? ClosingTokens(tokenizer)
      self.ends = ends
      for token in place.isInside ? ends.ofTexts : ends.outside where mask[token] {
        mask.removeAll()
        mask[token] = true
        return
      }
    }

    mutating func accept(_ token: Token) {
      form.accept(token)
      left -= 1
      place.pass(tokenizer.textBytes(of: token))
    }

    var mayEnd: Bool { form.mayEnd }
    var isFinished: Bool { form.isFinished }
  }
}

/// Whether the end of some JSON is in a text.
private struct TextPlace {
  /// Whether it is.
  private(set) var isInside = false
  private var isEscaped = false

  /// Goes on by bytes.
  mutating func pass(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isInside: isEscaped = true
      case UInt8(ascii: "\""): isInside.toggle()
      default: break
      }
    }
  }
}

/// The tokens of a vocabulary that end something of JSON, the best first.
private struct ClosingTokens {
  /// Within a text.
  private(set) var ofTexts: [Token] = []
  /// Elsewhere.
  private(set) var outside: [Token] = []

  /// Looks for them.
  init(_ tokenizer: Tokenizer) {
    // A text begins where nothing else can be written, to end at once.
    let wanted = ["]", "}", ",", "null", "\""]
    var found = [Token?](repeating: nil, count: wanted.count)
    let texts = wanted.map { Array($0.utf8) }
    for token in 0..<Token(tokenizer.count) {
      let bytes = tokenizer.textBytes(of: token)
      guard let index = texts.firstIndex(where: { bytes.elementsEqual($0) }) else { continue }
      found[index] = found[index] ?? token
    }
    outside = found.compactMap { $0 }
    ofTexts = [found.last ?? nil].compactMap { $0 }
  }
}
