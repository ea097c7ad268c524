/// The tokens that may be chosen, a bit for each token of a vocabulary.
public struct TokenMask: Sendable {
  /// Tokens of the vocabulary, V.
  public let count: Int
  /// Token `64 i + b` is bit `b` of word `i`, `[V / 64]`; bits beyond the vocabulary have no meaning.
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
  }

  /// Lends the words to be written, for constraints that hold masks of their own.
  public mutating func withMutableWords(_ body: (UnsafeMutableBufferPointer<UInt64>) -> Void) {
    words.withUnsafeMutableBufferPointer { body($0) }
  }

  private func place(of token: Token) -> (word: Int, bit: UInt64)? {
    guard token >= 0, Int(token) < count else { return nil }
    return (Int(token) / 64, 1 << UInt64(Int(token) % 64))
  }
}

/// Makes the tokens impossible that an answer's constraint does not allow next.
struct ConstraintMask: LogitsProcessor {
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool {
    context.mask != nil
  }

  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    if let mask = context.mask { candidates.allowOnly(mask) }
  }
}

extension Candidates {
  /// Makes tokens impossible that a mask does not allow; only while every token is a candidate.
  func allowOnly(_ mask: TokenMask) {
    mask.words.withUnsafeBufferPointer { words in
      var first = 0
      while first < count {
        let word = first &>> 6
        disallow(word < words.count ? ~words[word] : .max, from: first)
        first &+= 64
      }
    }
    // Where the vocabulary ends within a word, or the logits go on beyond it.
    var index = mask.count
    while index < min(count, 64 &* mask.words.count) {
      makeImpossible(index)
      index &+= 1
    }
  }

  /// Makes those of 64 tokens impossible whose bits are set.
  private func disallow(_ bits: UInt64, from first: Int) {
    let end = min(first &+ 64, count)
    if bits == .max {
      var index = first
      while index < end {
        makeImpossible(index)
        index &+= 1
      }
      return
    }
    var rest = bits
    while rest != 0 {
      let index = first &+ rest.trailingZeroBitCount
      guard index < end else { return }
      makeImpossible(index)
      rest &= rest &- 1
    }
  }
}
