/// A rule of byte-pair encoding: two adjacent tokens that become one.
package struct Merge: Sendable, Hashable {
  /// The first of the two.
  package let left: Token
  /// The second.
  package let right: Token
  /// What they become.
  package let result: Token
  /// The merge's place: lower ones go first, and of equal ones the leftmost in the text.
  package let rank: Int32

  /// The two tokens as one number.
  var pair: UInt64 { MergeTable.key(left, right) }
}

/// Finds the merge of two adjacent tokens: a hash table with open addressing.
package struct MergeTable: Sendable {
  /// The merge of two tokens, compared by rank alone.
  package struct Entry: Sendable {
    fileprivate let packed: UInt64

    /// No merge; it ranks after any other entry.
    package static let none = Entry(packed: .max)
    /// The place of the merge in the list; lower ones go first.
    package var rank: Int { Int(packed >> 32) }
    /// What the two tokens become.
    package var result: Token { Token(truncatingIfNeeded: packed) }

    /// Returns whether the first entry goes before the second.
    @inline(__always)
    package static func < (left: Entry, right: Entry) -> Bool {
      left.packed >> 32 < right.packed >> 32
    }
  }

  private struct Slot {
    var key = UInt64.max
    var entry = Entry.none
  }

  /// One more than the highest rank.
  package let ranks: Int
  private var slots: [Slot]
  private let shift: UInt64
  // Drawn anew for each table, so that no file can be written whose merges all collide.
  private let multiplier = UInt64.random(in: .min ... .max) | 1

  /// Creates the table of merges, in which no pair stands twice.
  package init(_ merges: [Merge]) {
    let bits = max(4, Int.bitWidth - (merges.count * 2).leadingZeroBitCount)
    shift = UInt64(64 - bits)
    ranks = merges.reduce(0) { max($0, Int($1.rank) + 1) }
    slots = Array(repeating: Slot(), count: 1 << bits)
    for merge in merges {
      let packed =
        UInt64(UInt32(bitPattern: merge.rank)) << 32 | UInt64(UInt32(bitPattern: merge.result))
      slots[position(of: merge.pair)] = Slot(key: merge.pair, entry: Entry(packed: packed))
    }
  }

  /// The merge of two tokens, or `none`.
  package subscript(left: Token, right: Token) -> Entry {
    @inline(__always) get { slots[position(of: Self.key(left, right))].entry }
  }

  fileprivate static func key(_ left: Token, _ right: Token) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Returns the slot that holds the key, or the free one where it belongs.
  @inline(__always)
  private func position(of key: UInt64) -> Int {
    var position = Int(truncatingIfNeeded: (key &* multiplier) >> shift)
    while slots[position].key != key, slots[position].key != .max {
      position = (position + 1) & (slots.count - 1)
    }
    return position
  }
}
