/// A set of bytes.
package struct ByteSet: Hashable, Sendable {
  /// Byte `64 i + b` is bit `b` of word `i`.
  package private(set) var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// Creates an empty set.
  package init() {}

  /// Creates a set of ranges.
  package init(_ ranges: ClosedRange<UInt8>...) {
    for range in ranges { insert(range) }
  }

  /// Every byte.
  package static let all = ByteSet(0...255)

  /// Whether a byte is in the set.
  package func contains(_ byte: UInt8) -> Bool {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    return switch byte >> 6 {
    case 0: words.0 & bit != 0
    case 1: words.1 & bit != 0
    case 2: words.2 & bit != 0
    default: words.3 & bit != 0
    }
  }

  /// Adds a byte.
  package mutating func insert(_ byte: UInt8) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  /// Adds the bytes of a range.
  package mutating func insert(_ range: ClosedRange<UInt8>) {
    for byte in range { insert(byte) }
  }

  /// Whether no byte is in the set.
  package var isEmpty: Bool { words.0 | words.1 | words.2 | words.3 == 0 }

  /// How many bytes are in the set.
  package var count: Int {
    words.0.nonzeroBitCount + words.1.nonzeroBitCount + words.2.nonzeroBitCount
      + words.3.nonzeroBitCount
  }

  /// The bytes of both sets.
  package func union(_ other: ByteSet) -> ByteSet {
    combined(with: other) { $0 | $1 }
  }

  /// The bytes that are in both sets.
  package func intersection(_ other: ByteSet) -> ByteSet {
    combined(with: other) { $0 & $1 }
  }

  /// The bytes that are not in another set.
  package func subtracting(_ other: ByteSet) -> ByteSet {
    combined(with: other) { $0 & ~$1 }
  }

  private func combined(
    with other: ByteSet, _ combine: (UInt64, UInt64) -> UInt64
  ) -> ByteSet {
    var result = ByteSet()
    result.words = (
      combine(words.0, other.words.0), combine(words.1, other.words.1),
      combine(words.2, other.words.2), combine(words.3, other.words.3)
    )
    return result
  }

  package static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) {
    for word in [words.0, words.1, words.2, words.3] { hasher.combine(word) }
  }
}
