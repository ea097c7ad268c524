public import Tokenizers

/// Changes the logits of one request before a token is chosen: a rule of one's own.
///
/// Each request has a copy of its own, which starts as the value that it was given. Equal answers are promised
/// only while the result depends on nothing but the tokens and what the value keeps itself.
///
/// ```swift
/// struct NeverTwice: LogitProcessor {
///   func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>) {
///     guard let last = tokens.indices.last.map({ tokens[$0] }) else { return }
///     logits[Int(last)] = -.infinity
///   }
/// }
/// ```
public protocol LogitProcessor: Sendable {
  /// Changes the logits `[V]` of the token that follows `tokens`, the prompt's and the answer's so far; minus
  /// infinity makes a token impossible.
  ///
  /// It runs on the engine's thread between two steps, so all requests wait for it: it must be quick, and
  /// must not wait itself. It is not asked where a constraint leaves a single token.
  mutating func process(_ logits: inout MutableSpan<Float>, after tokens: Span<Token>)
}

/// The rules of its own that one generation has, and the tokens that they are shown.
///
/// `@unchecked Sendable`: only the engine's thread touches it after the generation was submitted.
final class LogitProcessing: @unchecked Sendable {
  private var processors: [any LogitProcessor]
  /// What they were before the latest token.
  private var earlier: [any LogitProcessor] = []
  private var tokens: [Token]

  /// Begins after a prompt; nil where there are no rules.
  init?(_ processors: [any LogitProcessor], after prompt: [Token]) {
    guard !processors.isEmpty else { return nil }
    self.processors = processors
    tokens = prompt
  }

  /// Goes on by a token.
  func append(_ token: Token) { tokens.append(token) }

  /// Applies the rules in their order to logits `[V]`.
  func apply(to logits: UnsafeMutableBufferPointer<Float>) {
    earlier = processors
    for index in processors.indices {
      var span = logits.mutableSpan
      processors[index].process(&span, after: tokens.span)
    }
  }

  /// Takes back what the latest application changed in the rules, which are asked again.
  func rewind() { processors = earlier }
}

extension Candidates {
  /// Applies a generation's own rules; every token is a candidate.
  func apply(_ processing: LogitProcessing) {
    processing.apply(to: UnsafeMutableBufferPointer(start: logits, count: count))
  }
}
