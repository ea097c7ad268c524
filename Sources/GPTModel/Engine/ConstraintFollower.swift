/// Follows one answer through its constraint, and keeps the mask of its next token.
struct ConstraintFollower {
  private var state: any ConstraintState
  private var mask: TokenMask
  /// Whether the mask is that of the next token.
  private var isPrepared = false

  /// Begins where no token was chosen.
  ///
  /// - Parameter vocabularySize: Tokens of the vocabulary, V.
  init(_ constraint: any TokenConstraint, vocabularySize: Int) {
    state = constraint.makeState()
    mask = TokenMask(count: vocabularySize)
  }

  /// Whether the answer is complete.
  var isFinished: Bool { state.isFinished }

  /// Works out the mask of the next token, unless that was done.
  mutating func prepare() {
    guard !isPrepared, !state.isFinished else { return }
    mask.removeAll()
    state.mask(into: &mask)
    isPrepared = true
  }

  /// The mask of the next token.
  mutating func nextMask() -> TokenMask {
    prepare()
    return mask
  }

  /// Goes on by a token.
  mutating func accept(_ token: Token) {
    state.accept(token)
    isPrepared = false
  }
}
