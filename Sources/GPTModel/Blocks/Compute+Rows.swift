import Tensor

extension Compute {
  /// Rows that one worker takes at a time: enough work to be worth handing over.
  private static let rowsPerChunk = 4

  /// Runs `body` once for each row of a step, side by side where there are several.
  func forEachRow(of rows: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let chunks = (rows + Self.rowsPerChunk - 1) / Self.rowsPerChunk
    pool.run(chunks) { chunk, _ in
      let first = chunk * Self.rowsPerChunk
      for row in first..<min(first + Self.rowsPerChunk, rows) { body(row) }
    }
  }
}
