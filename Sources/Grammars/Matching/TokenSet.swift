/// A set of tokens that does not change: a list where they are few, a bit for each otherwise.
struct TokenSet: Sendable {
  /// How many tokens a list has at most.
  static let longestList = 512

  private(set) var list: [Int32] = []
  /// Bit `t` is for token `t`; empty where the list holds the tokens.
  private(set) var words: [UInt64] = []

  /// Creates a set of tokens, which may come twice.
  init(_ tokens: [Int32], vocabularySize: Int) {
    if tokens.count <= Self.longestList {
      list = tokens
    } else {
      words = Array(repeating: 0, count: (vocabularySize + 63) / 64)
      for token in tokens { words[Int(token >> 6)] |= 1 << UInt64(token & 63) }
    }
  }

  /// Creates a set of ranges of a vocabulary in the order of its texts; the ranges are in order and
  /// apart.
  init(_ ranges: [Range<Int>], count: Int, _ trie: TokenTrie) {
    if count <= Self.longestList {
      for range in ranges { list += trie.order[range] }
    } else if count <= trie.order.count / 2 {
      words = Array(repeating: 0, count: trie.everyText.count)
      for range in ranges {
        for token in trie.order[range] { words[Int(token >> 6)] |= 1 << UInt64(token & 63) }
      }
    } else {
      words = trie.everyText
      var end = 0
      for range in ranges + [trie.order.count..<trie.order.count] {
        for token in trie.order[end..<range.lowerBound] {
          words[Int(token >> 6)] &= ~(1 << UInt64(token & 63))
        }
        end = range.upperBound
      }
    }
  }

  /// Memory that the set holds, about.
  var byteCount: Int { 4 * list.count + 8 * words.count }

  /// Sets the bits of the tokens.
  func merge(into target: UnsafeMutableBufferPointer<UInt64>) {
    for token in list where Int(token >> 6) < target.count {
      target[Int(token >> 6)] |= 1 << UInt64(token & 63)
    }
    words.withUnsafeBufferPointer { words in
      for index in 0..<min(words.count, target.count) { target[index] |= words[index] }
    }
  }
}
