import Tensor

/// The feed-forward network of a layer: down(activation(gate(x)) · up(x)), or without gate
/// down(activation(up(x))).
final class FeedForward: RowOperation, LayerStep {
  /// The weights of one layer, or of one expert.
  struct Weights {
    /// None where the network has no gate.
    let gate: Linear?
    let up: Linear
    let down: Linear
    /// What takes the activation's place.
    let xielu: XIELU?

    /// The products whose results are activated.
    func expanding(to buffers: GateBuffers) -> [LinearGroup.Item] {
      expanded(to: buffers).map { $0.linear.item(to: $0.destination) }
    }

    /// The layers of these products, and where they go.
    func expanded(to buffers: GateBuffers) -> [(linear: Linear, destination: Matrix)] {
      guard let gate, let ups = buffers.ups else { return [(up, buffers.gates.floats)] }
      return [(gate, buffers.gates.floats), (up, ups)]
    }
  }

  private let expand: LinearGroup
  private let contract: LinearGroup
  /// What adapters add to these products.
  private let expandAdapters: AdapterStep?
  private let contractAdapters: AdapterStep?
  private let gates: GateBuffers
  private let compute: Compute

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: MLPSpec, weights: Weights, buffers: DecoderBuffers, compute: Compute,
    destination: Destination
  ) throws(TensorError) {
    gates = GateBuffers(spec, gates: buffers.gates, ups: buffers.ups, xielu: weights.xielu)
    self.compute = compute
    expand = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: weights.expanding(to: gates))
    contract = try LinearGroup(
      input: gates.gates.floats, quantized: gates.gates.quantized,
      items: [weights.down.item(to: destination)])
    expandAdapters = AdapterStep(
      input: buffers.normed.floats, weights.expanded(to: gates), compute: compute)
    contractAdapters = AdapterStep(
      input: gates.gates.floats, [(weights.down, destination.matrix)], compute: compute)
  }

  /// Computes the network of the normalised rows, [T, W].
  func run(_ batch: Batch) {
    expand.runQuantized(rows: batch.rows, on: compute)
    expandAdapters?.run(batch)
    compute.forEachRow(of: batch, self)
    contract.runQuantized(rows: batch.rows, on: compute)
    contractAdapters?.run(batch)
  }

  /// Turns a row of gates into activated values, rounded too.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    gates.activate(row: row, using: compute.processor)
  }
}

/// The rows between a feed-forward network's products.
struct GateBuffers: Sendable {
  /// What goes through the activation, and then to the last product, [rows, F].
  let gates: RoundedMatrix
  /// What gates are multiplied by, [rows, F], where there are any.
  let ups: Matrix?
  private let activation: Activation
  private let xielu: XIELU?
  private let boundedGate: BoundedGate?
  private let threshold: Float?
  private let gateScale: Float

  /// Takes the first columns of memory for networks of any width.
  ///
  /// - Parameter xielu: What takes the activation's place; nil for nothing.
  init(_ spec: MLPSpec, gates: RoundedMatrix, ups: Matrix, xielu: XIELU? = nil) {
    self.gates = gates.first(columns: spec.width)
    self.ups = spec.isGated ? ups.columns(0..<spec.width) : nil
    activation = spec.activation
    self.xielu = xielu
    boundedGate = spec.boundedGate
    threshold = spec.threshold
    gateScale = spec.gateScale
  }

  /// Turns a row of gates into activated values, rounded too.
  func activate(row: Int, using processor: Processor) {
    let (values, count) = (gates.floats.row(row), gates.floats.columns)
    if gateScale != 1 { processor.scale(values, count: count, by: gateScale) }
    if let threshold {
      GateThreshold.apply(to: values, count: count, deviations: threshold)
    }
    if let xielu {
      processor.xielu(values, count: count, figures: xielu)
    } else if let boundedGate, let ups {
      processor.boundedGate(values, up: ups.row(row), count: count, figures: boundedGate)
    } else {
      processor.gated(
        activation, gate: values, up: ups.map { UnsafePointer($0.row(row)) }, into: values,
        count: count)
    }
    gates.quantize(row: row, using: processor)
  }
}
