import GPTModel

// listing: constraint
/// An answer that is one of a few texts, of which none begins with another one.
struct OneOf: TokenConstraint {
  let texts: [ArraySlice<Token>]

  init(_ texts: [String], _ tokenizer: Tokenizer) {
    self.texts = texts.map { ArraySlice(tokenizer.encode($0)) }
  }

  func makeState() -> any ConstraintState { State(left: texts) }

  /// What is left of the texts that begin as the answer does.
  struct State: ConstraintState {
    var left: [ArraySlice<Token>]

    mutating func mask(into mask: inout TokenMask) {
      for token in left.compactMap(\.first) { mask[token] = true }
    }

    mutating func accept(_ token: Token) {
      left = left.filter { $0.first == token }.map { $0.dropFirst() }
    }

    var isFinished: Bool { left.contains(where: \.isEmpty) }
  }
}

/// Says what a text sounds like.
func mood(of text: String, on engine: Engine) async throws -> String {
  let question = ChatMessage.user("Is this glad or sad? \(text)")
  var request = try engine.model.request(for: [question], sampling: .greedy)
  request.constraint = OneOf(["glad", "sad"], engine.model.tokenizer)
  return try await answerText(engine.generate(request))
}
// end
