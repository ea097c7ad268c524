extension Regex {
  /// One code point of ranges, as UTF-8; surrogates and what lies beyond Unicode are never matched.
  package static func scalars(of ranges: [ClosedRange<UInt32>]) -> Regex {
    ScalarSet(ranges).regex
  }

  /// Any one code point.
  package static let anyScalar = ScalarSet.all.regex

  /// Any number of code points.
  package static let anyText = Regex.repetition(anyScalar, min: 0, max: nil)
}

extension ScalarSet {
  /// The set as a regular language over bytes: leading bytes with equal continuations are one branch.
  var regex: Regex {
    var branches: [Regex] = []
    for (size, bounds) in ScalarSet.sizes.enumerated() {
      let part = intersection(bounds).ranges
      guard !part.isEmpty else { continue }
      branches += ScalarSet.branches(of: part, continuations: size)
    }
    return Regex.any(branches)
  }

  /// The scalars of one, two, three and four bytes.
  private static let sizes = [
    ScalarSet([0...0x7F]), ScalarSet([0x80...0x7FF]), ScalarSet([0x800...0xFFFF]),
    ScalarSet([0x10000...0x10FFFF]),
  ]

  /// What is added to the highest bits of a scalar with a number of continuation bytes.
  private static let marks: [UInt32] = [0, 0xC0, 0xE0, 0xF0]

  /// The byte sequences of scalars that all have the same number of bytes.
  private static func branches(
    of ranges: [ClosedRange<UInt32>], continuations: Int
  ) -> [Regex] {
    branches(of: ranges, mark: marks[continuations], continuations: continuations)
  }

  /// The byte sequences of ascending numbers written as one byte of a mark and of the highest bits, and then
  /// a number of bytes of six bits each.
  private static func branches(
    of ranges: [ClosedRange<UInt32>], mark: UInt32, continuations: Int
  ) -> [Regex] {
    let shift = UInt32(6 * continuations)
    let low: UInt32 = (1 << shift) - 1
    var tails: [UInt32: [ClosedRange<UInt32>]] = [:]
    var digits: [UInt32] = []
    for range in ranges {
      let (first, last) = (range.lowerBound >> shift, range.upperBound >> shift)
      for digit in first...last {
        let from = digit == first ? range.lowerBound & low : 0
        let to = digit == last ? range.upperBound & low : low
        if tails[digit] == nil { digits.append(digit) }
        tails[digit, default: []].append(from...to)
      }
    }
    var order: [[ClosedRange<UInt32>]] = []
    var leads: [[ClosedRange<UInt32>]: ByteSet] = [:]
    for digit in digits {
      let tail = tails[digit] ?? []
      if leads[tail] == nil { order.append(tail) }
      leads[tail, default: ByteSet()].insert(UInt8(truncatingIfNeeded: mark | digit))
    }
    return order.map { tail in
      let lead = Regex.byte(leads[tail] ?? ByteSet())
      if continuations == 0 { return lead }
      let rest = Regex.any(branches(of: tail, mark: 0x80, continuations: continuations - 1))
      return Regex.joined([lead, rest])
    }
  }
}
