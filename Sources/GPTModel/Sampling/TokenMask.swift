/// The tokens that may be chosen, a bit for each token of a vocabulary.
public struct TokenMask: Sendable {
  /// Tokens of the vocabulary, V.
  public let count: Int
  /// Token `64 i + b` is bit `b` of word `i`, `[V / 64]`; bits beyond the vocabulary are zero.
  public private(set) var words: [UInt64]

  /// Creates a mask that allows no token.
  ///
  /// - Parameter count: Tokens of the vocabulary, V.
  public init(count: Int) {
    self.count = max(count, 0)
    words = Array(repeating: 0, count: self.count / 64 + (self.count % 64 > 0 ? 1 : 0))
  }

  /// Whether a token is allowed; a token outside the vocabulary is not, and setting it does nothing.
  public subscript(token: Token) -> Bool {
    get {
      guard let (word, bit) = place(of: token) else { return false }
      return words[word] & bit != 0
    }
    set {
      guard let (word, bit) = place(of: token) else { return }
      if newValue { words[word] |= bit } else { words[word] &= ~bit }
    }
  }

  /// Disallows all tokens.
  public mutating func removeAll() {
    words.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// Allows all tokens.
  public mutating func insertAll() {
    words.withUnsafeMutableBufferPointer { $0.update(repeating: .max) }
    clearRest()
  }

  /// Lends the words to be written, for constraints that hold masks of their own.
  ///
  /// Bits that are set beyond the vocabulary are cleared afterwards.
  public mutating func withMutableWords(_ body: (UnsafeMutableBufferPointer<UInt64>) -> Void) {
    words.withUnsafeMutableBufferPointer { body($0) }
    clearRest()
  }

  private mutating func clearRest() {
    guard count % 64 > 0 else { return }
    words[words.count - 1] &= (1 << UInt64(count % 64)) - 1
  }

  private func place(of token: Token) -> (word: Int, bit: UInt64)? {
    guard token >= 0, Int(token) < count else { return nil }
    return (Int(token) / 64, 1 << UInt64(Int(token) % 64))
  }
}

extension TokenMask {
  /// How many tokens are allowed, and the first of them.
  var summary: (count: Int, first: Token?) {
    var (total, first) = (0, Int?.none)
    words.withUnsafeBufferPointer { words in
      for index in words.indices where words[index] != 0 {
        if first == nil { first = index &* 64 &+ words[index].trailingZeroBitCount }
        total &+= words[index].nonzeroBitCount
      }
    }
    return (total, first.map { Token(truncatingIfNeeded: $0) })
  }
}

extension Candidates {
  /// Makes tokens impossible that a mask does not allow, whatever their logits are; only while every
  /// token is a candidate.
  func allowOnly(_ mask: TokenMask) {
    mask.words.withUnsafeBufferPointer { words in
      var index = 0
      while index < count {
        let word = index &>> 6
        if word >= words.count || words[word] &>> UInt64(index & 63) & 1 == 0 {
          logits[index] = -.infinity
        }
        index &+= 1
      }
    }
  }
}
