import Tensor

/// The memory of encoded attachments, [rows, W]: as much as was decided at start. `EmbeddingPool`
/// decides what is where.
// Unchecked: encoders write rows between steps, and steps only read them.
final class EmbeddingStore: @unchecked Sendable {
  /// The rows.
  let matrix: Matrix
  private let storage: Storage

  /// Allocates the store; its memory is touched only as rows are used.
  init(rows: Int, width: Int) throws(TensorError) {
    let (count, isTooMany) = rows.multipliedReportingOverflow(
      by: width * MemoryLayout<Float>.stride)
    guard !isTooMany else {
      throw TensorError(
        .memory, "embeddings", expected: "\(rows) rows of \(width)", given: "too many bytes")
    }
    storage = try Storage(byteCount: count)
    matrix = Matrix(
      base: storage.base.assumingMemoryBound(to: Float.self), rows: rows, columns: width)
  }
}
