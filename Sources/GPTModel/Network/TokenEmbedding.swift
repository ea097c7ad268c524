import Tensor

/// Looks up the hidden row of each token, or of the position of an attachment, and adds that of its
/// position.
final class TokenEmbedding: RowOperation {
  /// The weights.
  struct Weights {
    /// [V, E].
    let table: WeightMatrix
    /// A row for each position, [C, W]; nil for none.
    let positions: WeightMatrix?
    /// A row for each text of a pair; nil for none.
    let types: WeightMatrix?
    /// From E to W; nil where they are the same.
    let projection: Linear?
    /// The norm at the end; nil for none.
    let norm: WeightedNorm?
  }

  private let table: WeightMatrix
  private let scale: Float
  private let store: EmbeddingStore?
  /// Where rows of the table go, [T, E].
  private let rows: Matrix
  private let project: LinearGroup?
  private let finish: EmbeddingFinish?
  private let compute: Compute

  /// - Parameters:
  ///   - store: The rows of attachments, in place of rows of the table; nil where batches have none.
  ///   - buffers: The hidden rows to fill, [T, W], and room on the way.
  init(
    _ spec: EmbeddingSpec, weights: Weights, store: EmbeddingStore?, buffers: DecoderBuffers,
    compute: Compute
  ) throws(TensorError) {
    table = weights.table
    scale = spec.scale
    self.store = store
    self.compute = compute
    if let projection = weights.projection {
      rows = buffers.embedded.floats
      project = try LinearGroup(
        input: rows, quantized: buffers.embedded.quantized,
        items: [projection.item(to: buffers.hidden)])
    } else {
      rows = buffers.hidden
      project = nil
    }
    finish = EmbeddingFinish(spec, weights: weights, buffers: buffers, compute: compute)
  }

  /// Fills the hidden rows, [T, W].
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
    project?.run(rows: batch.rows, on: compute)
    if let finish { compute.forEachRow(of: batch, finish) }
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    if let stored = batch.pointee.storedRow(of: row), let store {
      rows.row(row).update(from: store.matrix.row(Int(stored)), count: rows.columns)
      return
    }
    table.decodeRow(Int(batch.pointee.tokens[row]), into: rows.row(row))
    if scale != 1 {
      compute.processor.scale(rows.row(row), count: rows.columns, by: scale)
    }
  }
}

/// Adds the rows of a position and of a text's place in a pair to that of a token, and normalises the sum.
private final class EmbeddingFinish: RowOperation {
  private let positions: WeightMatrix?
  private let types: WeightMatrix?
  private let first: Int
  private let norm: WeightedNorm?
  private let hidden: Matrix
  private let branch: Matrix
  private let compute: Compute

  /// Nil where there is nothing to do.
  init?(
    _ spec: EmbeddingSpec, weights: TokenEmbedding.Weights, buffers: DecoderBuffers,
    compute: Compute
  ) {
    guard spec.addsRows || weights.norm != nil else { return nil }
    positions = weights.positions
    types = weights.types
    first = spec.positions?.first ?? 0
    norm = weights.norm
    hidden = buffers.hidden
    branch = buffers.branch
    self.compute = compute
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = hidden.row(row)
    if let types {
      types.decodeRow(min(batch.pointee.type(of: row), types.rows - 1), into: branch.row(row))
      compute.processor.add(branch.row(row), to: values, count: hidden.columns)
    }
    if let positions {
      positions.decodeRow(first + batch.pointee.positions[row], into: branch.row(row))
      compute.processor.add(branch.row(row), to: values, count: hidden.columns)
    }
    norm?.apply(to: values, into: values, using: compute.processor)
  }
}
