package import ChatTemplates
package import Tokenizers

/// Turns dialogues into tokens, and tells from the chat template itself which of them the model is to learn:
/// what each answer adds to the prompt before it, up to the token that ends the answer.
package struct DialogueEncoder: Sendable {
  private let template: ChatTemplate
  private let tokenizer: Tokenizer
  private let context: Int

  /// Names the parts of a model.
  ///
  /// - Parameter context: Tokens that a dialogue may have.
  package init(template: ChatTemplate, tokenizer: Tokenizer, context: Int) {
    self.template = template
    self.tokenizer = tokenizer
    self.context = context
  }

  /// What the model is given, its answer about to begin.
  package func prompt(_ messages: [ChatMessage]) throws(TrainingError) -> [Token] {
    try tokens(messages, asks: true)
  }

  /// A dialogue with the tokens to learn.
  ///
  /// - Throws: An error that shows where the template does not keep what it wrote for fewer messages.
  package func document(_ messages: [ChatMessage]) throws(TrainingError) -> TrainedDocument {
    var document = TrainedDocument()
    for (place, message) in messages.enumerated() where message.role == "assistant" {
      let asked = try tokens(Array(messages[..<place]), asks: true)
      let answered = try tokens(Array(messages[...place]), asks: false)
      try check(document.tokens, begins: asked, at: place)
      try check(asked, begins: answered, at: place)
      document.append(asked.dropFirst(document.tokens.count), isLearned: false)
      let answer = answered.dropFirst(asked.count)
      let end = answer.lastIndex { tokenizer.endsOfSequence.contains($0) } ?? answer.endIndex - 1
      document.append(answer[..<min(end + 1, answer.endIndex)], isLearned: true)
      document.append(answer[min(end + 1, answer.endIndex)...], isLearned: false)
    }
    guard document.isLearned.contains(true) else {
      throw TrainingError(.data, field: "dialogue", "no message of the assistant has tokens")
    }
    guard document.tokens.count <= context else {
      throw TrainingError(
        .data, field: "dialogue", "\(document.tokens.count) tokens in a context of \(context)")
    }
    return document
  }

  /// A text of which every token is to be learned, between marks of documents.
  package func document(text: String) throws(TrainingError) -> TrainedDocument {
    let mark = tokenizer.documentStart.map { [$0] } ?? []
    var document = TrainedDocument()
    document.append((mark + tokenizer.encode(text) + mark).prefix(context), isLearned: true)
    return document
  }

  private func tokens(_ messages: [ChatMessage], asks: Bool) throws(TrainingError) -> [Token] {
    var options = ChatTemplate.Options()
    options.addGenerationPrompt = asks
    options.vouchedRoles = ChatMessage.usualRoles
    do throws(TemplateError) {
      return tokenizer.encode(try template.render(messages, options: options))
    } catch {
      throw TrainingError(.data, field: "chat template", "\(error)")
    }
  }

  private func check(
    _ part: [Token], begins whole: [Token], at place: Int
  ) throws(TrainingError) {
    guard whole.count >= part.count, whole.starts(with: part) else {
      let same = zip(part, whole).prefix { $0 == $1 }.count
      throw TrainingError(
        .data, field: "chat template",
        "with message \(place + 1) the template changes token \(same) of what it wrote before")
    }
  }
}

/// A document with the tokens to learn.
package struct TrainedDocument: Sendable, Hashable {
  /// The tokens.
  package private(set) var tokens: [Token] = []
  /// Whether the model is to learn each token.
  package private(set) var isLearned: [Bool] = []

  /// Has no tokens yet.
  package init() {}

  /// Adds tokens.
  package mutating func append(_ more: some Collection<Token>, isLearned: Bool) {
    tokens += more
    self.isLearned += repeatElement(isLearned, count: more.count)
  }

  /// Positions that have a token after them.
  var positions: Int { max(tokens.count - 1, 0) }
}
