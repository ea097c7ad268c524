/// The place of a token among others: by its logit, and for equal logits by its index.
///
/// Both are packed into one integer so that comparing two ranks is one instruction; the higher
/// logit is greater, and of equal logits the one with the lower index.
struct Rank: Sendable, Hashable {
  /// The ordered logit above the complement of the index.
  let bits: UInt64

  /// Wraps packed bits.
  init(bits: UInt64) {
    self.bits = bits
  }

  /// Ranks a logit, which is not NaN, at an index.
  init(logit: Float, index: Int) {
    // Adding zero makes -0 equal to 0. Flipping makes the order of the bits that of the numbers.
    let pattern = (logit + 0).bitPattern
    let flip: UInt32 = pattern >> 31 == 0 ? 0x8000_0000 : 0xFFFF_FFFF
    bits = UInt64(pattern ^ flip) &<< 32 | UInt64(~UInt32(truncatingIfNeeded: index))
  }

  /// The logit.
  var logit: Float {
    let ordered = UInt32(truncatingIfNeeded: bits &>> 32)
    let flip: UInt32 = ordered >> 31 == 1 ? 0x8000_0000 : 0xFFFF_FFFF
    return Float(bitPattern: ordered ^ flip)
  }

  /// The index.
  var index: Int {
    Int(~UInt32(truncatingIfNeeded: bits))
  }
}

/// A binary heap of integers with the least first, in memory that it borrows.
struct RankHeap {
  /// The borrowed memory.
  let elements: UnsafeMutablePointer<UInt64>
  /// How many integers are in the heap.
  private(set) var count = 0

  /// Creates an empty heap in memory large enough for all that will be in it.
  init(in elements: UnsafeMutablePointer<UInt64>) {
    self.elements = elements
  }

  /// The least integer; the heap is not empty.
  var first: UInt64 {
    elements[0]
  }

  /// Puts an integer at the end, where it may break the order until `restoreOrder()`.
  mutating func appendUnordered(_ element: UInt64) {
    elements[count] = element
    count &+= 1
  }

  /// Makes a heap of whatever order the integers are in.
  ///
  /// - Complexity: O(n), by sifting from the bottom up.
  func restoreOrder() {
    var parent = count / 2
    while parent > 0 {
      parent &-= 1
      siftDown(from: parent)
    }
  }

  /// Replaces the least integer.
  func replaceFirst(with element: UInt64) {
    elements[0] = element
    siftDown(from: 0)
  }

  /// Removes and returns the least integer, or nil when there is none.
  mutating func popFirst() -> UInt64? {
    guard count > 0 else { return nil }
    let least = elements[0]
    count &-= 1
    elements[0] = elements[count]
    siftDown(from: 0)
    return least
  }

  /// Fills the empty heap with the highest ranks among logits, the lowest of them first.
  ///
  /// - Complexity: O(n) comparisons, and O(log limit) more for each logit that gets in.
  mutating func fill(upTo limit: Int, from logits: UnsafePointer<Float>, count total: Int) {
    let start = min(limit, total)
    while count < start {
      appendUnordered(Rank(logit: logits[count], index: count).bits)
    }
    restoreOrder()
    guard start > 0 else { return }
    var threshold = Rank(bits: first).logit
    var index = start
    while index < total {
      // An equal logit has a higher index than those inside and so never gets in.
      if logits[index] > threshold {
        replaceFirst(with: Rank(logit: logits[index], index: index).bits)
        threshold = Rank(bits: first).logit
      }
      index &+= 1
    }
  }

  /// Moves an integer below its children while one of them is less.
  private func siftDown(from start: Int) {
    guard start < count else { return }
    let moving = elements[start]
    var hole = start
    while true {
      var child = 2 &* hole &+ 1
      if child >= count { break }
      if child &+ 1 < count, elements[child &+ 1] < elements[child] { child &+= 1 }
      if moving <= elements[child] { break }
      elements[hole] = elements[child]
      hole = child
    }
    elements[hole] = moving
  }
}
