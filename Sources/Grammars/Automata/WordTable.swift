/// Numbers sequences of words in the order in which they come; equal sequences have one number.
struct WordTable {
  private var words: [UInt32] = []
  private var starts: [Int32] = [0]
  /// Number plus one of the sequence in a slot; zero for an empty slot.
  private var slots: [Int32] = Array(repeating: 0, count: 16)
  private var hashes: [UInt32] = []
  /// Differs between processes, so that nobody can choose sequences that collide.
  private static let seed = UInt64.random(in: .min ... .max) | 1

  /// How many different sequences there are.
  var count: Int { hashes.count }

  /// Memory that the table holds, about.
  var byteCount: Int { 4 * (words.count + starts.count + slots.count + hashes.count) }

  /// How many words a sequence has.
  func length(_ index: Int) -> Int { Int(starts[index + 1] - starts[index]) }

  /// One word of a sequence.
  func word(_ index: Int, _ offset: Int) -> UInt32 { words[Int(starts[index]) + offset] }

  /// The words of a sequence.
  subscript(index: Int) -> ArraySlice<UInt32> {
    words[Int(starts[index])..<Int(starts[index + 1])]
  }

  /// The number of a sequence, a new one where it was not there.
  mutating func insert(_ key: [UInt32]) -> (index: Int, isNew: Bool) {
    let hash = Self.hash(key)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if hashes[index] == hash, matches(index, key) { return (index, false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    words += key
    starts.append(Int32(words.count))
    hashes.append(hash)
    slots[slot] = Int32(hashes.count)
    if hashes.count * 2 > slots.count { grow() }
    return (hashes.count - 1, true)
  }

  private func matches(_ index: Int, _ key: [UInt32]) -> Bool {
    let start = Int(starts[index])
    guard Int(starts[index + 1]) - start == key.count else { return false }
    for offset in 0..<key.count where words[start + offset] != key[offset] { return false }
    return true
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (index, hash) in hashes.enumerated() {
      var slot = Int(hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index + 1)
    }
  }

  private static func hash(_ key: [UInt32]) -> UInt32 {
    var hash = seed
    for word in key {
      hash = (hash ^ UInt64(word)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
