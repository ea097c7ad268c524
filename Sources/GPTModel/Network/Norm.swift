import Tensor

/// Normalises rows of one matrix into another that products read.
final class Norm: RowOperation {
  private let weight: Vector
  private let norm: RMSNorm
  private let source: Matrix
  private let destination: RoundedMatrix
  private let compute: Compute

  /// - Parameters:
  ///   - source: [T, W].
  ///   - destination: [T, W].
  init(
    _ spec: NormSpec, weight: Vector, from source: Matrix, to destination: RoundedMatrix,
    compute: Compute
  ) {
    self.weight = weight
    norm = RMSNorm(weights: weight.base, count: weight.count, epsilon: spec.epsilon)
    self.source = source
    self.destination = destination
    self.compute = compute
  }

  /// Normalises and rounds every row of a step, [T, W].
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  /// Normalises and rounds some rows, packed together, [rows, W].
  func run(picked rows: [Int]) {
    compute.forEachRow(picked: rows, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    norm.apply(
      to: source.row(row), into: destination.floats.row(target), using: compute.processor)
    destination.quantize(row: target, using: compute.processor)
  }
}

/// Adds what a block gave to the residual stream, after a norm of its own: h + N(M(…)).
final class NormedResidual: RowOperation {
  private let weight: Vector
  private let norm: RMSNorm
  private let branch: Matrix
  private let hidden: Matrix
  private let compute: Compute

  /// - Parameters:
  ///   - branch: What the block gave, [T, W]; overwritten.
  ///   - hidden: The residual stream, [T, W].
  init(
    _ spec: NormSpec, weight: Vector, from branch: Matrix, to hidden: Matrix, compute: Compute
  ) {
    self.weight = weight
    norm = RMSNorm(weights: weight.base, count: weight.count, epsilon: spec.epsilon)
    self.branch = branch
    self.hidden = hidden
    self.compute = compute
  }

  /// Adds every row of a step.
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = branch.row(row)
    norm.apply(to: values, into: values, using: compute.processor)
    compute.processor.add(values, to: hidden.row(row), count: hidden.columns)
  }
}
