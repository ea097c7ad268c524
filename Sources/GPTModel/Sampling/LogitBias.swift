import Tokenizers

extension Candidates {
  /// Adds to each named token's logit; minus infinity makes a token impossible.
  func add(_ bias: [Token: Float]) {
    for (token, amount) in bias {
      changeLogit(of: token) { $0 + amount }
    }
  }
}
