import Grammars
import Tokenizers

/// A piece of an answer: of what the model thinks, of its text, or of a call of a tool.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum AnswerPart: Sendable, Hashable {
  /// A piece of what the model thinks.
  case reasoning(String)
  /// A piece of the answer's text.
  case text(String)
  /// A call begins; calls are counted from 0, and the id is the model's own, if it writes one first.
  case callBegan(index: Int, id: String?, name: String)
  /// A piece of a call's arguments, which are JSON when joined.
  case arguments(index: Int, String)
  /// A call is over; its arguments are incomplete where the answer was cut.
  case callEnded(index: Int, isComplete: Bool)
}

/// Reads what a model writes as thinking, text and calls of tools, event by event.
///
/// ```swift
/// var reader = model.answerReader(tools: tools, after: prompt)
/// for try await event in try engine.generate(request) {
///   for part in reader.take(event) { show(part) }
/// }
/// ```
public struct AnswerReader: Sendable {
  private var parser: AnswerParser
  private let controlToken: @Sendable (Token) -> String?
  /// Whether the answer has called a tool so far.
  public private(set) var hasCalls = false

  /// Begins to read an answer.
  ///
  /// - Parameter controlToken: The text of a control token; nil for others.
  package init(
    _ style: AnswerStyle, tools: [Tool], thinking: AnswerForm.Thinking,
    controlToken: @escaping @Sendable (Token) -> String?
  ) {
    var format = style.format
    if thinking == .absent, format.layout == .blocks { format.thinking = nil }
    parser = AnswerParser(
      format, tools: tools.map { ToolSignature(name: $0.name, parameters: $0.parameters) },
      controlTokens: style.controlTokens, isThinking: thinking == .open)
    self.controlToken = controlToken
  }

  /// Takes the next event; what it brings may come later, where it may belong to a mark.
  public mutating func take(_ event: GenerationEvent) -> [AnswerPart] {
    var events: [AnswerEvent] = []
    switch event {
    case .progress, .prompt: break
    case .token(let token):
      if !token.text.isEmpty { events += parser.take(text: token.text.utf8) }
      if let mark = controlToken(token.token) { events += parser.take(control: mark) }
    case .finished(let summary):
      if !summary.text.isEmpty { events += parser.take(text: summary.text.utf8) }
      if let mark = summary.endToken.flatMap(controlToken) { events += parser.take(control: mark) }
      events += parser.finish(isCut: summary.reason == .length)
    }
    hasCalls = parser.hasCalls
    return events.map(AnswerPart.init)
  }
}

extension AnswerPart {
  init(_ event: AnswerEvent) {
    self =
      switch event {
      case .reasoning(let text): .reasoning(text)
      case .content(let text): .text(text)
      case .callBegan(let index, let id, let name): .callBegan(index: index, id: id, name: name)
      case .arguments(let index, let text): .arguments(index: index, text)
      case .callEnded(let index, let isComplete):
        .callEnded(index: index, isComplete: isComplete)
      }
  }
}

extension LoadedModel {
  /// Begins to read an answer to a prompt.
  ///
  /// - Parameters:
  ///   - tools: The tools that it may call.
  ///   - prompt: The prompt, which may have opened the thinking.
  public func answerReader(tools: [Tool] = [], after prompt: [PromptSegment]) -> AnswerReader {
    let tokenizer = tokenizer
    return AnswerReader(
      style, tools: tools, thinking: style.thinking(after: prompt),
      controlToken: { tokenizer.controlText(of: $0) })
  }
}
