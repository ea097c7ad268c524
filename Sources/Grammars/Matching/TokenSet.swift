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
  init(_ ranges: [Range<Int>], _ trie: TokenTrie) {
    let count = ranges.reduce(0) { $0 + $1.count }
    if count <= Self.longestList {
      for range in ranges { list += trie.order[range] }
    } else if count <= trie.order.count / 2 {
      words = Array(repeating: 0, count: trie.everyText.count)
      for range in ranges { flip(range, trie.order) }
    } else {
      words = trie.everyText
      var end = 0
      for range in ranges {
        flip(end..<range.lowerBound, trie.order)
        end = range.upperBound
      }
      flip(end..<trie.order.count, trie.order)
    }
  }

  /// Creates a set of ranges by what is different in a set of other ranges; all are in order and apart.
  static func set(
    _ ranges: [Range<Int>], near others: [Range<Int>], _ set: TokenSet, _ trie: TokenTrie
  ) -> TokenSet {
    let count = ranges.reduce(0) { $0 + $1.count }
    guard count > Self.longestList, !set.words.isEmpty else { return TokenSet(ranges, trie) }
    var result = set
    // Where an odd number of borders lies before a place, one of the sets has it and the other not.
    var (place, one, two, isDifferent) = (0, 0, 0, false)
    let border = { (list: [Range<Int>], index: Int) -> Int in
      guard index / 2 < list.count else { return .max }
      return index & 1 == 0 ? list[index / 2].lowerBound : list[index / 2].upperBound
    }
    while true {
      let (first, second) = (border(ranges, one), border(others, two))
      let next = Swift.min(first, second)
      if next == .max { break }
      if isDifferent { result.flip(place..<next, trie.order) }
      place = next
      if first == next { one += 1 }
      if second == next { two += 1 }
      if (first == next) != (second == next) { isDifferent.toggle() }
    }
    return result
  }

  /// Changes the bits of neighbours in an order.
  private mutating func flip(_ places: Range<Int>, _ order: [Int32]) {
    words.withUnsafeMutableBufferPointer { words in
      order.withUnsafeBufferPointer { order in
        for place in places {
          let token = UInt32(bitPattern: order[place])
          words[Int(token >> 6)] ^= 1 << UInt64(token & 63)
        }
      }
    }
  }

  /// The tokens, in no order.
  var tokens: [Int32] {
    var result = list
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(Int32(index << 6 | rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return result
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
