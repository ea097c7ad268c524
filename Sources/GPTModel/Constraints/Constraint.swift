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

  /// Takes a compiled grammar.
  ///
  /// - Parameter start: Where answers begin; nil for the beginning.
  init(
    _ source: ConstraintSource, grammar: CompiledGrammar, tokenizer: Tokenizer,
    relaxed: [RelaxedSchema] = [], start: Matcher? = nil
  ) {
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
      source, grammar: grammar, tokenizer: tokenizer, relaxed: relaxed, start: start)
  }

  /// Memory that it holds, about.
  public var byteCount: Int { grammar.byteCount }

  public func makeState() -> any ConstraintState {
    GrammarState(start, text: ForcedText(tokenizer: tokenizer))
  }
}

/// How far an answer has come in its grammar.
private struct GrammarState: ConstraintState {
  private var matcher: Matcher
  private var text: ForcedText
  /// Whether there was a token that is not allowed.
  private var isBroken = false

  init(_ matcher: Matcher, text: ForcedText) {
    self.matcher = matcher
    self.text = text
    self.text.prescribe(by: matcher)
  }

  mutating func mask(into mask: inout TokenMask) {
    guard !isBroken else { return }
    if let token = text.next {
      mask[token] = true
    } else {
      mask.withMutableWords { matcher.allow(into: $0) }
    }
  }

  mutating func accept(_ token: Token) {
    guard !isBroken, matcher.accept(token) else {
      isBroken = true
      return
    }
    text.accept(token)
    if text.next == nil { text.prescribe(by: matcher) }
  }

  var mayEnd: Bool { !isBroken && text.next == nil && matcher.mayEnd }

  var isFinished: Bool { !isBroken && matcher.mustEnd }
}
