/// Finds the lines of ascending positions without beginning anew each time.
struct LineCounter {
  private var position = 0
  private var line = 1

  /// The line of a position at or after the last one asked for, counted from 1.
  mutating func line(of index: Int, in scalars: [Unicode.Scalar]) -> Int {
    while position < min(index, scalars.count) {
      if scalars[position] == "\n" { line += 1 }
      position += 1
    }
    return line
  }
}
