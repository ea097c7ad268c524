import Tensor

/// The products around experts that read and give latents: one makes them of rows, the other takes what was
/// added up back to the model's width, where what the shared expert gave is added.
final class LatentExperts: RowOperation {
  /// The weights of one layer.
  struct Weights {
    /// [P, W].
    let down: Linear
    /// [W, P].
    let up: Linear
  }

  /// Latents, then sums of them, [T, P].
  let rows: RoundedMatrix
  /// The product that makes latents, which reads what the router reads.
  let down: LinearGroup.Item
  private let up: LinearGroup
  private let shared: Matrix?
  private let destination: Destination
  private let compute: Compute

  init(_ spec: ExpertsSpec, weights: Weights, parts: Experts.Parts) throws(TensorError) {
    rows = parts.memory.latents.first(columns: spec.latentWidth ?? 0)
    down = weights.down.item(to: rows.floats)
    shared = spec.shared == nil ? nil : parts.memory.sharedOutput
    destination = parts.destination
    compute = parts.compute
    up = try LinearGroup(
      input: rows.floats, quantized: rows.quantized,
      items: [weights.up.item(to: parts.destination)])
  }

  /// Takes the sums of a step's rows back, [T, W].
  func run(_ batch: Batch) {
    up.runQuantized(rows: batch.rows, on: compute)
    if shared != nil { compute.forEachRow(of: batch, self) }
  }

  /// Adds what the shared expert gave.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    guard let shared else { return }
    let target = destination.matrix
    compute.processor.add(shared.row(row), to: target.row(row), count: target.columns)
  }
}
