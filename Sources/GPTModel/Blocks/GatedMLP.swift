import Tensor

/// The feed-forward part of a layer: h += down(silu(gate(norm(h))) * up(norm(h))).
struct GatedMLP: Sendable {
  /// The weights of one layer.
  struct Weights {
    let norm: Vector
    let gate: WeightMatrix
    let up: WeightMatrix
    let down: WeightMatrix
  }

  private let norm: Norm
  private let expand: LinearGroup
  private let contract: LinearGroup
  private let buffers: DecoderBuffers
  private let compute: Compute

  init(_ weights: Weights, epsilon: Float, buffers: DecoderBuffers, compute: Compute)
    throws(TensorError)
  {
    norm = Norm(weight: weights.norm, epsilon: epsilon, buffers: buffers, compute: compute)
    expand = try LinearGroup(
      input: buffers.normed, quantized: buffers.quantizedNormed,
      items: [
        LinearGroup.Item(weights: weights.gate, destination: buffers.gates, accumulate: false),
        LinearGroup.Item(weights: weights.up, destination: buffers.ups, accumulate: false),
      ])
    contract = try LinearGroup(
      input: buffers.gates, quantized: buffers.quantizedGates,
      items: [
        LinearGroup.Item(weights: weights.down, destination: buffers.hidden, accumulate: true)
      ])
    self.buffers = buffers
    self.compute = compute
  }

  /// Adds the block's output to the hidden rows, [T, W].
  func run(rows: Int) {
    norm.run(rows: rows)
    expand.runQuantized(rows: rows, on: compute)
    compute.forEachRow(of: rows, with: self) { mlp, row in
      mlp.assumingMemoryBound(to: GatedMLP.self).pointee.activate(row: row)
    }
    contract.runQuantized(rows: rows, on: compute)
  }

  /// Turns a row of gates into activated values, rounded too.
  private func activate(row: Int) {
    compute.processor.gated(
      .silu, gate: buffers.gates.row(row), up: buffers.ups.row(row), into: buffers.gates.row(row),
      count: buffers.gates.columns)
    buffers.quantizedGates?.quantize(
      row: row, from: buffers.gates.row(row), using: compute.processor)
  }
}
