/// A form that an answer must have, such as a grammar: it decides which tokens may come next.
///
/// A constraint is compiled before its request is submitted, and never changes. Each generation has a
/// state of its own, which outlives the loss of its cache pages and is brought up to date, for an answer
/// that is continued, by the tokens that are there.
public protocol TokenConstraint: Sendable {
  /// Begins to follow an answer.
  func makeState() -> any ConstraintState
}

/// How far one answer has come in its constraint.
///
/// It must depend on nothing but the tokens accepted: the engine asks for a mask when it is convenient,
/// often while others are computed.
public protocol ConstraintState: Sendable {
  /// Allows each token that may be chosen next; the mask allows none when it is handed over.
  ///
  /// Where the answer may end, an end of sequence or stop token of the request is to be allowed too. A
  /// generation whose mask allows nothing fails.
  mutating func mask(into mask: inout TokenMask)

  /// Goes on by a token of the answer.
  ///
  /// It may be one that was not allowed, where an answer is continued that others began.
  mutating func accept(_ token: Token)

  /// Whether the answer is complete and nothing may follow: it ends here, without an end of sequence.
  var isFinished: Bool { get }
}
