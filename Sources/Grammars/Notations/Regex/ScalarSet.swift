/// A set of Unicode scalar values: code points without surrogates.
struct ScalarSet: Hashable, Sendable {
  /// The members, ascending; neither overlapping nor adjacent, and without surrogates.
  private(set) var ranges: [ClosedRange<UInt32>]

  /// Creates an empty set.
  init() { ranges = [] }

  /// Creates a set of ranges in any order; surrogates and what lies beyond Unicode are dropped.
  init(_ ranges: [ClosedRange<UInt32>]) {
    self.ranges = []
    var pieces: [ClosedRange<UInt32>] = []
    for range in ranges {
      for plane in ScalarSet.planes where range.overlaps(plane) {
        pieces.append(range.clamped(to: plane))
      }
    }
    pieces.sort { $0.lowerBound < $1.lowerBound }
    for piece in pieces { append(piece) }
  }

  /// Creates a set of one scalar.
  init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  /// What lies below and above the surrogates.
  private static let planes: [ClosedRange<UInt32>] = [0...0xD7FF, 0xE000...0x10FFFF]

  /// Every scalar.
  static let all = ScalarSet([0...0x10FFFF])

  /// Whether nothing is in the set.
  var isEmpty: Bool { ranges.isEmpty }

  /// Whether a scalar is in the set.
  func contains(_ scalar: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(scalar)
  }

  /// The scalars of both sets.
  func union(_ other: ScalarSet) -> ScalarSet {
    if other.isEmpty { return self }
    if isEmpty { return other }
    return ScalarSet(ranges + other.ranges)
  }

  /// The scalars that are in both sets.
  func intersection(_ other: ScalarSet) -> ScalarSet {
    var result = ScalarSet()
    var (mine, its) = (0, 0)
    while mine < ranges.count, its < other.ranges.count {
      let (one, two) = (ranges[mine], other.ranges[its])
      if one.overlaps(two) { result.append(one.clamped(to: two)) }
      if one.upperBound < two.upperBound { mine += 1 } else { its += 1 }
    }
    return result
  }

  /// The scalars that are not in the set.
  var inverted: ScalarSet {
    var result = ScalarSet()
    for plane in ScalarSet.planes {
      var next = plane.lowerBound
      for range in ranges where range.overlaps(plane) {
        if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
        next = range.upperBound + 1
      }
      if next <= plane.upperBound { result.append(next...plane.upperBound) }
    }
    return result
  }

  /// Adds a range that begins at or after the beginning of the last one and holds no surrogates.
  private mutating func append(_ range: ClosedRange<UInt32>) {
    guard let last = ranges.last, range.lowerBound <= last.upperBound + 1 else {
      ranges.append(range)
      return
    }
    ranges[ranges.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
  }
}
