import Tensor

/// Turns the hidden rows that are wanted into logits.
struct OutputHead: Sendable {
  private let norm: Norm
  private let project: LinearGroup
  private let softCap: SoftCap?
  private let normed: Matrix
  private let logits: Matrix
  private let compute: Compute

  /// - Parameters:
  ///   - weights: [V, W].
  ///   - norm: [W].
  init(
    _ spec: HeadSpec, weights: WeightMatrix, norm: Vector, buffers: DecoderBuffers, compute: Compute
  ) throws(TensorError) {
    self.norm = Norm(
      spec.norm, weight: norm, from: buffers.hidden, to: buffers.normed, compute: compute)
    normed = buffers.normed.floats
    logits = buffers.logits
    softCap = spec.softCap.map {
      SoftCap($0, logits: buffers.logits, processor: compute.processor)
    }
    project = try LinearGroup(
      input: normed.rows(0..<logits.rows), quantized: buffers.normed.quantized,
      items: [Linear(weight: weights, bias: nil).item(to: logits)])
    self.compute = compute
  }

  /// Computes the logits of the rows that the batch wants, [S, V].
  func run(_ batch: Batch) -> Matrix { logits(ofRows: batch.logitRows) }

  /// Computes the logits of some rows, [S, V], which stay as they are.
  func logits(ofRows rows: [Int]) -> Matrix {
    guard !rows.isEmpty else { return logits }
    norm.run(picked: rows)
    project.runQuantized(rows: rows.count, on: compute)
    if let softCap { compute.forEachRow(picked: rows, softCap) }
    return logits
  }

  /// Normalises some rows, [rows, W].
  func states(ofRows rows: [Int]) -> Matrix {
    norm.run(picked: rows)
    return normed.rows(0..<rows.count)
  }
}

/// Bounds logits: c · tanh(logit / c).
private final class SoftCap: RowOperation {
  private let bound: Float
  private let logits: Matrix
  private let processor: Processor

  init(_ bound: Float, logits: Matrix, processor: Processor) {
    self.bound = bound
    self.logits = logits
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    processor.softCap(logits.row(target), count: logits.columns, cap: bound)
  }
}
