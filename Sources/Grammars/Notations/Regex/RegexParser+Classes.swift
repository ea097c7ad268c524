extension RegexParser {
  /// The scalars of a class in brackets, the opening one having been read.
  mutating func characterClass(at start: Int) throws(GrammarError) -> ScalarSet {
    let isNegated = skip("^" as Unicode.Scalar)
    var ranges: [ClosedRange<UInt32>] = []
    while true {
      guard let next else { throw fault("has a [ without a ]", at: start) }
      if skip("]" as Unicode.Scalar) { break }
      if next == "[", isPOSIX { throw fault("has a POSIX class", .unsupported) }
      let here = position
      let low = try classMember()
      guard self.next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        ranges += low.ranges
        continue
      }
      guard let first = low.only else {
        ranges += low.ranges
        continue
      }
      position += 1
      let high = try classMember()
      guard let last = high.only else {
        ranges += low.ranges + [0x2D...0x2D] + high.ranges
        continue
      }
      guard first <= last else { throw fault("has a range in the wrong order", at: here) }
      ranges.append(first...last)
    }
    var members = ScalarSet(ranges)
    if flags.contains(.ignoresCase) { members = members.closedOverCase }
    return isNegated ? members.inverted : members
  }

  private var isPOSIX: Bool {
    guard position + 1 < scalars.count, scalars[position + 1] == ":" else { return false }
    var index = position + 2
    while index < scalars.count, ScalarSet.words.contains(scalars[index].value) { index += 1 }
    return index + 1 < scalars.count && scalars[index] == ":" && scalars[index + 1] == "]"
  }

  private mutating func classMember() throws(GrammarError) -> ScalarSet {
    let start = position
    guard let scalar = next else { throw fault("has a [ without a ]") }
    position += 1
    if scalar != "\\" { return ScalarSet(scalar) }
    // A range is one of scalars as written, so that case is closed over for the class as a whole.
    let outer = flags
    defer { flags = outer }
    if let next, !"wWpP".unicodeScalars.contains(next) { flags.remove(.ignoresCase) }
    return try escape(at: start, inClass: true)
  }
}

extension ScalarSet {
  /// Its scalar if it holds just one.
  fileprivate var only: UInt32? {
    ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
  }
}
