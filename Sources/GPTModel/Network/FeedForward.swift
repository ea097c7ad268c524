import Tensor

/// The feed-forward network of a layer: down(activation(gate(x)) · up(x)), or without gate
/// down(activation(up(x))).
final class FeedForward: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    /// None where the network has no gate.
    let gate: Linear?
    let up: Linear
    let down: Linear
    /// What takes the activation's place.
    let xielu: XIELU?
  }

  private let activation: Activation
  private let xielu: XIELU?
  private let threshold: Float?
  private let expand: LinearGroup
  private let contract: LinearGroup
  /// What goes through the activation, and then to the last product, [T, F].
  private let gates: RoundedMatrix
  /// What gates are multiplied by, [T, F], where there are any.
  private let ups: Matrix?
  private let compute: Compute

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: MLPSpec, weights: Weights, buffers: DecoderBuffers, compute: Compute,
    destination: Destination
  ) throws(TensorError) {
    activation = spec.activation
    xielu = weights.xielu
    threshold = spec.threshold
    gates = buffers.gates.first(columns: spec.width)
    self.compute = compute
    var items: [LinearGroup.Item] = []
    if let gate = weights.gate {
      let ups = buffers.ups.columns(0..<spec.width)
      items = [gate.item(to: gates.floats), weights.up.item(to: ups)]
      self.ups = ups
    } else {
      items = [weights.up.item(to: gates.floats)]
      ups = nil
    }
    expand = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized, items: items)
    contract = try LinearGroup(
      input: gates.floats, quantized: gates.quantized,
      items: [weights.down.item(to: destination)])
  }

  /// Computes the network of the normalised rows, [T, W].
  func run(_ batch: Batch) {
    expand.runQuantized(rows: batch.rows, on: compute)
    compute.forEachRow(of: batch, self)
    contract.runQuantized(rows: batch.rows, on: compute)
  }

  /// Turns a row of gates into activated values, rounded too.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (values, count) = (gates.floats.row(row), gates.floats.columns)
    if let threshold {
      GateThreshold.apply(to: values, count: count, deviations: threshold)
    }
    if let xielu {
      compute.processor.xielu(values, count: count, figures: xielu)
    } else {
      compute.processor.gated(
        activation, gate: values, up: ups.map { UnsafePointer($0.row(row)) }, into: values,
        count: count)
    }
    gates.quantize(row: row, using: compute.processor)
  }
}
