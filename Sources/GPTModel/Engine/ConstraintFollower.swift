import Tokenizers

/// Follows one answer through its constraint, and keeps the mask of its next token.
struct ConstraintFollower {
  /// The tokens that end an answer where its constraint lets it end.
  struct Ends {
    /// The tokens.
    var tokens: Set<Token>
    /// Whether the answer goes on while it can: they are allowed only where nothing else is.
    var areLast: Bool
  }

  private var state: any ConstraintState
  private let ends: Ends
  private var mask: TokenMask
  /// The only token that the mask allows; nil where there are others, or the mask is not there.
  private(set) var only: Token?
  /// Whether the mask is that of the next token.
  private(set) var isPrepared = false

  /// Begins where no token was chosen.
  ///
  /// - Parameter vocabularySize: Tokens of the vocabulary, V.
  init(_ constraint: any TokenConstraint, ends: Ends, vocabularySize: Int) {
    state = constraint.makeState()
    self.ends = ends
    mask = TokenMask(count: vocabularySize)
  }

  /// Whether the answer is complete.
  var isFinished: Bool { state.isFinished }

  /// Works out the mask of the next token, unless that was done.
  mutating func prepare() {
    guard !isPrepared, !state.isFinished else { return }
    mask.removeAll()
    state.mask(into: &mask)
    if state.mayEnd, !ends.areLast || mask.summary.count == 0 {
      for token in ends.tokens { mask[token] = true }
    }
    let allowed = mask.summary
    only = allowed.count == 1 ? allowed.first : nil
    isPrepared = true
  }

  /// The mask of the next token.
  mutating func nextMask() -> TokenMask {
    prepare()
    return mask
  }

  /// The next token where there is no choice.
  mutating func onlyToken() -> Token? {
    prepare()
    return only
  }

  /// Whether a token ends the answer here, as its constraint lets it.
  func ends(with token: Token) -> Bool { state.mayEnd && ends.tokens.contains(token) }

  /// Goes on by a token.
  mutating func accept(_ token: Token) {
    state.accept(token)
    (isPrepared, only) = (false, nil)
  }
}
