import Tensor

/// Computes each layer's part of the second embedding: (N(product / √W) + row · √P) / √2.
final class PerLayerParts: RowOperation, LayerStep {
  /// The weights.
  struct Weights {
    /// The rows by token, [rows, L P].
    let table: WeightMatrix
    /// From the first embedding, [L P, W].
    let projection: Linear
    /// Of each layer's part of the product, [P].
    let norm: WeightedNorm
  }

  private let table: WeightMatrix
  private let norm: WeightedNorm
  private let width: Int
  private let copy: Norm
  private let project: LinearGroup
  private let buffers: DecoderBuffers
  private let compute: Compute

  init(
    _ spec: PerLayerEmbedding, weights: Weights, buffers: DecoderBuffers, compute: Compute
  ) throws(TensorError) {
    table = weights.table
    norm = weights.norm
    width = spec.width
    self.buffers = buffers
    self.compute = compute
    copy = Norm(nil, from: buffers.hidden, to: buffers.normed, compute: compute)
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [weights.projection.item(to: buffers.perLayer)])
  }

  /// Fills the parts of all layers, [T, L P], from the first embedding.
  func run(_ batch: Batch) {
    copy.run(batch)
    project.runQuantized(rows: batch.rows, on: compute)
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let processor = compute.processor
    let (parts, looked) = (buffers.perLayer.row(row), buffers.perLayerRows.row(row))
    let count = buffers.perLayer.columns
    processor.scale(parts, count: count, by: 1 / Float(buffers.hidden.columns).squareRoot())
    for first in stride(from: 0, to: count, by: width) {
      norm.apply(to: parts + first, into: parts + first, using: processor)
    }
    let token = Int(batch.pointee.tokens[row])
    table.decodeRow(token < table.rows ? token : 0, into: looked)
    processor.scale(looked, count: count, by: Float(width).squareRoot())
    processor.add(looked, to: parts, count: count)
    processor.scale(parts, count: count, by: Float(0.5).squareRoot())
  }
}

/// What a layer makes of its part of the second embedding: project(activation(gate(x)) · part).
final class PerLayerStep: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    /// [P, W].
    let gate: Linear
    /// [W, P].
    let projection: Linear
  }

  private let activation: Activation
  private let parts: Matrix
  private let gates: RoundedMatrix
  private let expand: LinearGroup
  private let contract: LinearGroup
  private let compute: Compute

  /// - Parameters:
  ///   - layer: The number of the layer.
  ///   - destination: Where the output goes.
  init(
    _ spec: PerLayerInput, layer: Int, weights: Weights, buffers: DecoderBuffers,
    compute: Compute, destination: Destination
  ) throws(TensorError) {
    activation = spec.activation
    parts = buffers.perLayer.columns(layer * spec.width..<(layer + 1) * spec.width)
    gates = buffers.perLayerGates
    self.compute = compute
    expand = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [weights.gate.item(to: gates.floats)])
    contract = try LinearGroup(
      input: gates.floats, quantized: gates.quantized,
      items: [weights.projection.item(to: destination)])
  }

  /// Reads rows that are rounded already, [T, W].
  func run(_ batch: Batch) {
    expand.runQuantized(rows: batch.rows, on: compute)
    compute.forEachRow(of: batch, self)
    contract.runQuantized(rows: batch.rows, on: compute)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let values = gates.floats.row(row)
    compute.processor.gated(
      activation, gate: values, up: parts.row(row), into: values, count: parts.columns)
    gates.quantize(row: row, using: compute.processor)
  }
}

/// Multiplies the residual stream by a number.
final class OutputScale: RowOperation, LayerStep {
  private let factor: Float
  private let hidden: Matrix
  private let compute: Compute

  /// - Parameter hidden: The residual stream, [T, W].
  init(_ factor: Float, hidden: Matrix, compute: Compute) {
    self.factor = factor
    self.hidden = hidden
    self.compute = compute
  }

  /// Multiplies every row of a step.
  func run(_ batch: Batch) {
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    compute.processor.scale(hidden.row(row), count: hidden.columns, by: factor)
  }
}
