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
/// often while others are computed. Where a mask allows a single token, the engine takes it without
/// looking at what the model computed.
public protocol ConstraintState: Sendable {
  /// Allows each token that may be chosen next; the mask allows none when it is handed over.
  ///
  /// A generation whose mask allows nothing fails, unless the answer may end.
  mutating func mask(into mask: inout TokenMask)

  /// Goes on by a token of the answer.
  ///
  /// It may be one that was not allowed, where an answer is continued that others began.
  mutating func accept(_ token: Token)

  /// Whether what there is of the answer is complete, so that it may end here: the engine then allows the
  /// tokens that end it, besides those of the mask.
  var mayEnd: Bool { get }

  /// Whether the answer is complete and nothing may follow: it ends here, without an end of sequence.
  var isFinished: Bool { get }
}

extension ConstraintState {
  /// By default an answer ends where nothing may follow, or by tokens that the mask allows.
  public var mayEnd: Bool { false }
}
