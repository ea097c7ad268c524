import Grammars
import Tokenizers

/// A form of answers that is ready to be enforced; all answers share what is found out about it.
///
/// ```swift
/// var request = try model.request(for: messages)
/// request.constraint = try await model.constraint(.regex("yes|no"))
/// ```
public final class Constraint: TokenConstraint {
  /// What it was made of.
  public let source: ConstraintSource
  /// Where schemas of tools say more than is enforced.
  public let relaxed: [RelaxedSchema]
  private let grammar: CompiledGrammar
  private let tokenizer: Tokenizer
  /// Where answers begin.
  private let start: Matcher
  /// Where thinking is closed; nil for nowhere.
  private let thinking: ThinkingLimit?

  /// Takes a compiled grammar.
  ///
  /// - Parameter start: Where answers begin; nil for the beginning.
  init(
    _ source: ConstraintSource, grammar: CompiledGrammar, tokenizer: Tokenizer,
    relaxed: [RelaxedSchema] = [], thinking: ThinkingLimit? = nil, start: Matcher? = nil
  ) {
    self.thinking = thinking
    self.source = source
    self.relaxed = relaxed
    self.grammar = grammar
    self.tokenizer = tokenizer
    self.start = start ?? Matcher(grammar)
  }

  /// The form of what follows a text, so that both together have this form; nil where the text cannot be
  /// the beginning of an answer.
  public func continuing(_ text: String) -> Constraint? {
    var start = start
    guard start.accept(bytes: Array(text.utf8)) else { return nil }
    return Constraint(
      source, grammar: grammar, tokenizer: tokenizer, relaxed: relaxed, thinking: thinking,
      start: start)
  }

  /// The form with thinking that is closed at a limit.
  func closingThinking(at limit: ThinkingLimit) -> Constraint {
    Constraint(
      source, grammar: grammar, tokenizer: tokenizer, relaxed: relaxed, thinking: limit,
      start: start)
  }

  /// Memory that it holds, about.
  public var byteCount: Int { grammar.byteCount }

  public func makeState() -> any ConstraintState {
    GrammarState(
      start, text: ForcedText(tokenizer: tokenizer), tokenizer: tokenizer,
      thinking: thinking.map(ThinkingWatch.init))
  }
}

/// How far an answer has come in its grammar.
private struct GrammarState: ConstraintState {
  private var matcher: Matcher
  private var text: ForcedText
  private let tokenizer: Tokenizer
  private var thinking: ThinkingWatch?
  /// Whether there was a token that is not allowed.
  private var isBroken = false

  init(
    _ matcher: Matcher, text: ForcedText, tokenizer: Tokenizer, thinking: ThinkingWatch?
  ) {
    self.matcher = matcher
    self.text = text
    self.tokenizer = tokenizer
    self.thinking = thinking
    self.text.prescribe(by: matcher)
    self.thinking?.prescribe(where: matcher.allows)
  }

  mutating func mask(into mask: inout TokenMask) {
    guard !isBroken else { return }
    if let token = thinking?.next ?? text.next {
      mask[token] = true
    } else {
      mask.withMutableWords { matcher.allow(into: $0) }
      for token in thinking?.refused ?? [] { mask[token] = false }
    }
  }

  mutating func accept(_ token: Token) {
    guard !isBroken, matcher.accept(token) else {
      isBroken = true
      return
    }
    if thinking != nil {
      let bytes = bytes(of: token)
      thinking?.accept(token, bytes)
    }
    text.accept(token)
    if text.next == nil { text.prescribe(by: matcher) }
    thinking?.prescribe(where: matcher.allows)
  }

  /// The bytes of a token, or the name of a control token.
  private func bytes(of token: Token) -> [UInt8] {
    tokenizer.controlText(of: token).map { Array($0.utf8) } ?? Array(tokenizer.textBytes(of: token))
  }

  var mayEnd: Bool { !isBroken && text.next == nil && matcher.mayEnd }

  var isFinished: Bool { !isBroken && matcher.mustEnd }
}
