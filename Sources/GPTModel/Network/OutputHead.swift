import Tensor

/// Turns the hidden rows that are wanted into logits.
struct OutputHead: Sendable {
  /// The weights.
  struct Weights {
    /// Before the products; nil for none.
    let norm: WeightedNorm?
    /// From W to E; nil where they are the same.
    let projection: Linear?
    /// [V, E]; nil where there are no logits.
    let output: Linear?
  }

  private let norm: Norm
  private let reduce: LinearGroup?
  private let project: LinearGroup?
  private let shape: LogitShape?
  private let normed: Matrix
  private let logits: Matrix
  private let compute: Compute

  init(
    _ spec: HeadSpec, weights: Weights, buffers: DecoderBuffers, compute: Compute
  ) throws(TensorError) {
    norm = Norm(weights.norm, from: buffers.hidden, to: buffers.normed, compute: compute)
    normed = buffers.normed.floats
    logits = buffers.logits
    shape =
      spec.softCap != nil || spec.scale != 1
      ? LogitShape(spec, logits: buffers.logits, processor: compute.processor) : nil
    var input = buffers.normed
    if let projection = weights.projection {
      reduce = try LinearGroup(
        input: normed, quantized: input.quantized,
        items: [projection.item(to: buffers.embedded.floats)])
      input = buffers.embedded
    } else {
      reduce = nil
    }
    let (matrix, quantized) = (input.floats.rows(0..<logits.rows), input.quantized)
    project = try weights.output.map { output throws(TensorError) in
      try LinearGroup(input: matrix, quantized: quantized, items: [output.item(to: buffers.logits)])
    }
    self.compute = compute
  }

  /// Computes the logits of the rows that the batch wants, [S, V].
  func run(_ batch: Batch) -> Matrix { logits(ofRows: batch.logitRows) }

  /// Computes the logits of some rows, [S, V], which stay as they are.
  func logits(ofRows rows: [Int]) -> Matrix {
    guard !rows.isEmpty, let project else { return logits }
    norm.run(picked: rows)
    if let reduce {
      reduce.runQuantized(rows: rows.count, on: compute)
      project.run(rows: rows.count, on: compute)
    } else {
      project.runQuantized(rows: rows.count, on: compute)
    }
    if let shape { compute.forEachRow(picked: rows, shape) }
    return logits
  }

  /// Normalises some rows, [rows, W].
  func states(ofRows rows: [Int]) -> Matrix {
    norm.run(picked: rows)
    return normed.rows(0..<rows.count)
  }
}

/// Multiplies and bounds logits: c · tanh(s · logit / c).
private final class LogitShape: RowOperation {
  private let scale: Float
  private let bound: Float?
  private let logits: Matrix
  private let processor: Processor

  init(_ spec: HeadSpec, logits: Matrix, processor: Processor) {
    scale = spec.scale
    bound = spec.softCap
    self.logits = logits
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = logits.row(target)
    if scale != 1 { processor.scale(values, count: logits.columns, by: scale) }
    if let bound { processor.softCap(values, count: logits.columns, cap: bound) }
  }
}
