import ModelFiles
import Tensor

/// A norm with its weights.
struct WeightedNorm: Sendable {
  private enum Kernel {
    case rootMeanSquare(RMSNorm)
    case layer(LayerNorm)
  }

  private let kernel: Kernel
  /// What the kernel points to.
  private let parameters: [Vector]

  /// - Parameters:
  ///   - weight: A factor for each element; nil for none, which only layer norms can do without.
  ///   - bias: What is added to each element; nil for nothing.
  ///   - count: The elements.
  init(_ spec: NormSpec, weight: Vector?, bias: Vector? = nil, count: Int) {
    parameters = [weight, bias].compactMap { $0 }
    if spec.kind == .rootMeanSquare, let weight {
      kernel = .rootMeanSquare(
        RMSNorm(weights: weight.base, count: count, epsilon: spec.epsilon))
    } else {
      kernel = .layer(
        LayerNorm(
          weights: weight?.base, biases: bias?.base, count: count, epsilon: spec.epsilon))
    }
  }

  /// Writes the normalised row, which may take the place of the row.
  func apply(
    to row: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, using processor: Processor
  ) {
    switch kernel {
    case .rootMeanSquare(let norm): norm.apply(to: row, into: out, using: processor)
    case .layer(let norm): norm.apply(to: row, into: out, using: processor)
    }
  }
}

extension ModelWeights {
  /// The norm whose weights, and biases where it has some, have a name.
  func norm(_ spec: NormSpec, _ name: String, count: Int) throws(ModelError) -> WeightedNorm {
    WeightedNorm(
      spec, weight: spec.hasWeight ? try vector("\(name).weight") : nil,
      bias: spec.hasBias ? try vector("\(name).bias") : nil, count: count)
  }
}

/// Normalises rows of one matrix, or copies them, into another that products read.
final class Norm: RowOperation, LayerStep {
  private let norm: WeightedNorm?
  private let source: Matrix
  private let destination: RoundedMatrix
  private let compute: Compute

  /// - Parameters:
  ///   - norm: The norm; nil for rows as they are.
  ///   - source: [T, W].
  ///   - destination: [T, W].
  init(
    _ norm: WeightedNorm?, from source: Matrix, to destination: RoundedMatrix, compute: Compute
  ) {
    self.norm = norm
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
    let (values, out) = (source.row(row), destination.floats.row(target))
    if let norm {
      norm.apply(to: values, into: out, using: compute.processor)
    } else {
      out.update(from: values, count: source.columns)
    }
    destination.quantize(row: target, using: compute.processor)
  }
}

/// Adds what a block gave to the residual stream, after a norm of its own or times a factor:
/// h + r · N(M(…)).
final class BranchResidual: RowOperation, LayerStep {
  private let norm: WeightedNorm?
  private let scale: Float
  private let branch: Matrix
  private let hidden: Matrix
  private let compute: Compute

  /// - Parameters:
  ///   - norm: The norm; nil for none.
  ///   - scale: The factor, r.
  ///   - buffers: What the block gave, [T, W], which is overwritten; and the residual stream, [T, W].
  init(_ norm: WeightedNorm?, scale: Float, buffers: DecoderBuffers, compute: Compute) {
    self.norm = norm
    self.scale = scale
    branch = buffers.branch
    hidden = buffers.hidden
    self.compute = compute
  }

  /// Adds every row of a step.
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = branch.row(row)
    norm?.apply(to: values, into: values, using: compute.processor)
    if scale != 1 { compute.processor.scale(values, count: hidden.columns, by: scale) }
    compute.processor.add(values, to: hidden.row(row), count: hidden.columns)
  }
}

/// Normalises rows of the residual stream in place.
final class StreamNorm: RowOperation, LayerStep {
  private let norm: WeightedNorm?
  private let hidden: Matrix
  private let compute: Compute

  /// - Parameter hidden: The residual stream, [T, W].
  init(_ norm: WeightedNorm?, hidden: Matrix, compute: Compute) {
    self.norm = norm
    self.hidden = hidden
    self.compute = compute
  }

  /// Normalises every row of a step.
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    norm?.apply(to: hidden.row(row), into: hidden.row(row), using: compute.processor)
  }
}

/// Adds the norm of one branch's rows to another's.
final class BranchSum: RowOperation, LayerStep {
  private let norm: WeightedNorm
  private let source: Matrix
  private let destination: Matrix
  private let compute: Compute

  /// - Parameters:
  ///   - source: [T, W], which is overwritten.
  ///   - destination: [T, W].
  init(_ norm: WeightedNorm, from source: Matrix, to destination: Matrix, compute: Compute) {
    self.norm = norm
    self.source = source
    self.destination = destination
    self.compute = compute
  }

  /// Adds every row of a step.
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = source.row(row)
    norm.apply(to: values, into: values, using: compute.processor)
    compute.processor.add(values, to: destination.row(row), count: source.columns)
  }
}
