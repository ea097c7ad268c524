import Tensor

/// The experts of a layer: each row goes through those that the router chooses for it, and adds what they
/// give by weights.
///
/// Rows are grouped by expert, so that a step reads the weights of each chosen expert once. A row adds up
/// in the order of its own choice, best first, whoever shares its experts.
final class Experts: LayerStep {
  /// The weights of one layer.
  struct Weights {
    /// The router, [E, W].
    let router: Linear
    /// What is added to scores for the choice alone, [E]; nil for nothing.
    let selectionBias: Vector?
    /// A factor on each expert's weight, [E]; nil for none.
    let scales: Vector?
    /// The networks, [E].
    let networks: [FeedForward.Weights]
    /// The network that all rows go through; nil for none.
    let shared: FeedForward.Weights?
    /// The logit of a factor on what that gives, [1, W]; nil for none.
    let sharedGate: Linear?
    /// The products around latents; nil where experts read rows.
    let latents: LatentExperts.Weights?
  }

  /// What the layer works on.
  struct Parts {
    /// What experts read, [T, W].
    let input: RoundedMatrix
    /// What the router and the shared expert read, [T, W].
    let routerInput: RoundedMatrix
    let memory: ExpertBuffers
    let compute: Compute
    /// Where the output goes.
    let destination: Destination
  }

  private let rows: ExpertRows
  private let hasShared: Bool
  private let project: LinearGroup
  private let choose: ExpertChoice
  private let gather: ExpertGathering
  private let expand: GroupedLinear
  private let activate: ExpertActivation
  private let contract: GroupedLinear
  private let sum: ExpertSum
  private let latents: LatentExperts?
  private let compute: Compute

  init(_ spec: ExpertsSpec, weights: Weights, parts: Parts) throws(TensorError) {
    compute = parts.compute
    let memory = parts.memory
    rows = ExpertRows(
      count: spec.count, used: spec.routing.used, buffers: memory,
      gathersAll: spec.routing.place == .input)
    hasShared = weights.shared != nil
    let gates = GateBuffers(spec.network, gates: memory.gates, ups: memory.ups)
    let shared = spec.shared.map {
      GateBuffers($0.network, gates: memory.sharedGates, ups: memory.sharedUps)
    }
    latents = try weights.latents.map { own throws(TensorError) in
      try LatentExperts(spec, weights: own, parts: parts)
    }
    project = try Self.projection(spec, weights, parts, (shared, latents))
    let input = latents?.rows ?? parts.input
    let slots = memory.inputs.first(columns: input.floats.columns)
    choose = ExpertChoice(
      spec, weights: weights, rows: rows, latents: latents?.rows, compute.processor)
    expand = try GroupedLinear(
      inputs: [slots, input].map(GroupedLinear.Input.init),
      members: weights.networks.map { $0.expanding(to: gates) })
    gather = ExpertGathering(
      rows: rows, from: input, to: slots, expand, compute.processor)
    activate = ExpertActivation(
      rows: rows, gates: gates, shared: shared, processor: compute.processor)
    let outputs = Destination(
      matrix: memory.outputs.columns(0..<input.floats.columns), isResidual: false)
    let sharedOutput = Destination(matrix: memory.sharedOutput, isResidual: false)
    contract = try GroupedLinear(
      inputs: [gates.gates, shared?.gates ?? gates.gates].map(GroupedLinear.Input.init),
      members: weights.networks.map { [$0.down.item(to: outputs)] }
        + (weights.shared.map { [[$0.down.item(to: sharedOutput)]] } ?? []))
    sum = ExpertSum(
      spec, rows: rows, destination: parts.destination, latents: latents?.rows,
      compute.processor)
  }

  /// The products of the rows themselves, which wait for no choice.
  private static func projection(
    _ spec: ExpertsSpec, _ weights: Weights, _ parts: Parts,
    _ others: (shared: GateBuffers?, latents: LatentExperts?)
  ) throws(TensorError) -> LinearGroup {
    var items = [weights.router.item(to: parts.memory.scores.columns(0..<spec.count))]
    if let gate = weights.sharedGate { items.append(gate.item(to: parts.memory.sharedGate)) }
    if let network = weights.shared, let shared = others.shared {
      items += network.expanding(to: shared)
    }
    if let down = others.latents?.down { items.append(down) }
    return try LinearGroup(
      input: parts.routerInput.floats, quantized: parts.routerInput.quantized, items: items)
  }

  /// Computes the experts of the normalised rows, [T, W].
  func run(_ batch: Batch) {
    guard batch.rows > 0 else { return }
    project.runQuantized(rows: batch.rows, on: compute)
    compute.forEachRow(of: batch, choose)
    let found = rows.group(rows: batch.rows)
    if found < batch.rows * rows.used || rows.gathersAll { compute.forEachRow(of: batch, gather) }
    run(expand, groups: found)
    compute.forEachRow(of: batch, activate)
    run(contract, groups: rows.turnToOutputs(found, sharedRows: hasShared ? batch.rows : nil))
    compute.forEachRow(of: batch, sum)
    latents?.run(batch)
  }

  private func run(_ products: GroupedLinear, groups: Int) {
    products.run(UnsafeBufferPointer(start: rows.buffers.groups, count: groups), on: compute)
  }
}

extension GroupedLinear.Input {
  /// Rows, and the same rounded.
  fileprivate init(_ rows: RoundedMatrix) {
    self.init(floats: rows.floats, quantized: rows.quantized)
  }
}
