import Tokenizers

/// What choosing a token depends on besides the logits and the request's parameters.
package struct SamplingContext: Sendable {
  /// Which of several answers to the same prompt this is.
  package var choice: Int
  /// The index, in the whole sequence, of the token to be drawn.
  package var position: Int
  /// The tokens seen so far; may stay empty unless the parameters' `needsCounts`.
  package var counts: TokenCounts
  /// The longest repeated run that each token would continue; may stay empty unless runs have penalties.
  package var continuations: [Token: Int] = [:]
  /// Tokens that may not be chosen now, such as the end of sequence while the answer is too short.
  package var banned: [Token]
  /// The tokens that the answer's constraint allows; nil for all.
  package var mask: TokenMask?
  /// The rules of the request's own; nil for none.
  var processing: LogitProcessing?

  /// Creates a context.
  package init(
    choice: Int, position: Int, counts: TokenCounts = TokenCounts(),
    continuations: [Token: Int] = [:], banned: [Token] = [], mask: TokenMask? = nil
  ) {
    self.init(
      choice: choice, position: position, counts: counts, continuations: continuations,
      banned: banned, mask: mask, processing: nil)
  }

  /// Creates a context with rules of a request's own.
  init(
    choice: Int, position: Int, counts: TokenCounts, continuations: [Token: Int],
    banned: [Token], mask: TokenMask?, processing: LogitProcessing?
  ) {
    self.processing = processing
    self.choice = choice
    self.position = position
    self.counts = counts
    self.continuations = continuations
    self.banned = banned
    self.mask = mask
  }
}
