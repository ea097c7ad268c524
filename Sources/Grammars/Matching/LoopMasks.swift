import Synchronization

/// What tokens do from a state on that plain characters do not leave, such as the inside of a string.
///
/// Names of undeclared members are all alike once they differ from those declared. So what was found
/// out about one lexeme there holds in all whose texts may go on in the same ways.
final class LoopMask: Sendable {
  let mask: LexemeMask
  /// The tokens within the lexeme, as ranges of the order that are apart.
  let ranges: [Range<Int>]
  /// The nodes at which the lexeme may end, in their order.
  let exits: [Int32]

  /// Creates a mask of what was found.
  init(_ mask: LexemeMask, ranges: [Range<Int>], exits: [Int32]) {
    self.mask = mask
    self.ranges = ranges
    self.exits = exits
  }

  /// The tokens within the lexeme that are among some neighbours.
  func ranges(within places: Range<Int>) -> some Sequence<Range<Int>> {
    let first = Self.first(ranges.count) { ranges[$0].upperBound > places.lowerBound }
    return ranges[first...].lazy.prefix { $0.lowerBound < places.upperBound }
      .map { $0.clamped(to: places) }
  }

  /// The exits among some nodes.
  func exits(within nodes: Range<Int>) -> ArraySlice<Int32> {
    let first = Self.first(exits.count) { Int(exits[$0]) >= nodes.lowerBound }
    let last = Self.first(exits.count) { Int(exits[$0]) >= nodes.upperBound }
    return exits[first..<last]
  }

  /// The first of some numbers that passes a test which all later ones pass.
  private static func first(_ count: Int, _ test: (Int) -> Bool) -> Int {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if test(middle) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }
}

/// Masks of a vocabulary by what may follow.
final class LoopMasks: Sendable {
  private let masks = Mutex<[[UInt32]: LoopMask]>([:])
  private static let capacity = 128

  /// Creates a table without masks.
  init() {}

  /// The mask for a language, by its description.
  subscript(name: [UInt32]) -> LoopMask? { masks.withLock { $0[name] } }

  /// Keeps a mask; all are forgotten where there are too many.
  func insert(_ mask: LoopMask, for name: [UInt32]) {
    masks.withLock { masks in
      if masks.count >= Self.capacity { masks.removeAll() }
      masks[name] = mask
    }
  }
}
