/// Moves the rows of queries and keys between the order in which neighbours turn together, which is that of
/// training and of GGUF's `llama`, and the order of halves, which folders have.
struct RotaryOrder {
  /// Head length, D.
  let headLength: Int
  /// Elements of a row.
  let columns: Int

  /// The same rows, [heads D, columns], as neighbours.
  func neighbours(of halves: UnsafeBufferPointer<Float>) -> [Float] {
    move(halves) { place in place / 2 + place % 2 * (headLength / 2) }
  }

  /// The same rows as halves.
  func halves(of neighbours: UnsafeBufferPointer<Float>) -> [Float] {
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

extension ParameterTensor {
  /// Whether its rows turn with their position.
  var isRotated: Bool { name.hasSuffix("attn_q.weight") || name.hasSuffix("attn_k.weight") }
  /// The lengths as files have them, the fastest-running first.
  var dimensions: [Int] { role == .norm ? [columns] : [columns, rows] }
}
