/// Moves the rows of queries and keys between the order in which neighbours turn together, which is that of
/// GGUF's `llama`, and the order of halves, which folders have.
package struct RotaryOrder {
  /// Head length, D.
  private let headLength: Int
  /// Elements of a row.
  private let columns: Int

  /// Describes the rows.
  package init(headLength: Int, columns: Int) {
    (self.headLength, self.columns) = (headLength, columns)
  }

  /// The same rows, [heads D, columns], as neighbours.
  package func neighbours(of halves: UnsafeBufferPointer<Float>) -> [Float] {
    move(halves) { place in place / 2 + place % 2 * (headLength / 2) }
  }

  /// The same rows as halves.
  package func halves(of neighbours: UnsafeBufferPointer<Float>) -> [Float] {
    move(neighbours) { place in place % (headLength / 2) * 2 + place / (headLength / 2) }
  }

  /// Takes each row from another place of its head.
  private func move(
    _ values: UnsafeBufferPointer<Float>, from source: (Int) -> Int
  ) -> [Float] {
    var moved: [Float] = []
    moved.reserveCapacity(values.count)
    for row in 0..<values.count / columns {
      let (head, place) = row.quotientAndRemainder(dividingBy: headLength)
      let start = (head * headLength + source(place)) * columns
      moved += values[start..<start + columns]
    }
    return moved
  }
}
