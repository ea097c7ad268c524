/// Finds strings among many by their bytes: a hash table with open addressing that copies none.
package struct PieceTable: Sendable {
  private let strings: ByteStrings
  private var slots: [Int32]
  private var longest = 0

  /// Creates a table of none of the strings.
  package init(_ strings: ByteStrings) {
    self.strings = strings
    let bits = Int.bitWidth - (strings.count * 2).leadingZeroBitCount
    slots = Array(repeating: -1, count: 1 << max(4, bits))
  }

  /// Adds the string at a position, or returns the position of an equal one that is there.
  package mutating func insert(_ position: Int) -> Int? {
    let string = strings[position]
    let slot = slot(of: string)
    if slots[slot] >= 0 { return Int(slots[slot]) }
    slots[slot] = Int32(position)
    longest = max(longest, string.count)
    return nil
  }

  /// The position of the string that equals this one, if there is one.
  package subscript(string: ArraySlice<UInt8>) -> Int? {
    guard string.count <= longest else { return nil }
    let found = slots[slot(of: string)]
    return found < 0 ? nil : Int(found)
  }

  /// Returns the slot that holds the string, or the free one where it belongs.
  private func slot(of string: ArraySlice<UInt8>) -> Int {
    // Seeded anew for each process, so that no file can be written whose pieces all collide.
    var hasher = Hasher()
    string.withUnsafeBytes { hasher.combine(bytes: $0) }
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] >= 0, !strings[Int(slots[slot])].elementsEqual(string) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}

/// Finds normal pieces of a vocabulary by their bytes.
package struct WordTable: Sendable {
  private var table: PieceTable

  /// Creates the table of a vocabulary.
  package init(_ vocabulary: Vocabulary) {
    table = PieceTable(vocabulary.texts)
    for (token, kind) in vocabulary.kinds.enumerated() where kind == .normal {
      _ = table.insert(token)
    }
  }

  /// The token whose piece is this word, if there is one.
  package subscript(word: ArraySlice<UInt8>) -> Token? { table[word].map { Token($0) } }
}
