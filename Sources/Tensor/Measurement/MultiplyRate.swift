/// How fast threads multiply weights with many rows of activations: what bounds the reading of a prompt.
package enum MultiplyRate {
  // A product that stays in the caches near a processor, so that arithmetic alone counts.
  private static let rows = 128
  private static let columnsRead = 512
  private static let columnsWritten = 1024

  /// Multiplies again and again; returns products of a weight and an activation a second, in the median.
  ///
  /// - Parameters:
  ///   - format: How the weights are stored.
  ///   - compute: The kernels and threads.
  ///   - seconds: How long to go on; one pass is made in any case.
  package static func measure(
    format: any WeightFormat.Type, compute: Compute, seconds: Double
  ) throws(TensorError) -> Double {
    let blocks = columnsWritten * columnsRead / format.blockLength
    // All zero: what integer arithmetic costs does not depend on the numbers.
    let file = try Storage(byteCount: blocks * format.blockBytes)
    let weights = try WeightMatrix(
      format: format, rows: columnsWritten, columns: columnsRead,
      source: UnsafeRawBufferPointer(start: file.base, count: file.byteCount), pool: compute.pool)
    let workspace = try Workspace(
      byteCount: Workspace.bytes(matrixRows: rows, columns: columnsRead)
        + Workspace.bytes(activationRows: rows, columns: columnsRead)
        + Workspace.bytes(matrixRows: rows, columns: columnsWritten))
    let input = try workspace.matrix(rows: rows, columns: columnsRead)
    let quantized = try workspace.activations(rows: rows, columns: columnsRead)
    let product = try LinearGroup(
      input: input, quantized: quantized,
      items: [
        LinearGroup.Item(
          weights: weights,
          destination: workspace.matrix(rows: rows, columns: columnsWritten))
      ])
    for row in 0..<rows {
      for column in 0..<columnsRead { input.row(row)[column] = Float(column % 17 - 8) }
    }
    product.run(rows: rows, on: compute)
    let passes = Passes(seconds: seconds) { product.runQuantized(rows: rows, on: compute) }
    return Double(rows * columnsRead * columnsWritten) / passes.median
  }
}
