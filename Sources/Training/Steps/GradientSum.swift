package import Collectives
import Platform
package import Tensor

/// What the leaves of a step gave.
package struct StepGradient {
  /// The sum of -log p over all targets, each with its weight.
  package var loss = 0.0
  /// Targets that counted.
  package var kept = 0
  /// The sum of the gradients, not yet divided, for the tensors that this process owns; nil where there was
  /// nothing to learn.
  package var gradient: FloatBuffer?
}

/// Computes the leaves of a step on the threads of a pool, each leaf on one; several processes divide them.
package final class GradientSum {
  /// The network.
  package let decoder: TrainableDecoder
  /// The threads.
  package let pool: WorkerPool
  /// The kernels.
  package let kernels: TrainingKernels
  /// The processes that divide the leaves.
  package let group: any ProcessGroup
  let exchange: GradientExchange
  private let memories: [LeafMemory]
  private let packed: PackedParameters
  private var spare: [FloatBuffer] = []

  /// Reserves memory for leaves of up to `rows` tokens.
  package init(
    _ decoder: TrainableDecoder, rows: Int, kernels: TrainingKernels, pool: WorkerPool,
    group: any ProcessGroup = SingleProcess()
  ) throws {
    self.decoder = decoder
    self.pool = pool
    self.kernels = kernels
    self.group = group
    exchange = try GradientExchange(decoder.parameters, kernels: kernels, group: group)
    memories = try (0..<pool.threads).map { _ in
      try LeafMemory(decoder.shape, rows: rows, kernels: kernels)
    }
    packed = try PackedParameters(decoder.parameters, kernels: kernels)
  }

  /// Tokens that a leaf may have.
  package var rows: Int { memories[0].rows }

  /// Adds the gradients of leaves over the tree; missing leaves of the last power of two add nothing.
  package func run(_ leaves: [Leaf], weights: FloatBuffer) throws -> StepGradient {
    try check(leaves)
    packed.pack(weights, on: pool)
    let shares = exchange.leaves(of: leaves.count.nextPowerOfTwo)
    let (sum, own) = try sum(leaves, shares[group.rank], weights: weights)
    try exchange.add(sum, parts: shares.count { !$0.isEmpty })
    var losses = own
    try group.gather(&losses, shares.map { $0.clamped(to: 0..<leaves.count) })
    return StepGradient(
      loss: losses.reduce(0, +), kept: leaves.reduce(0) { $0 + $1.kept }, gradient: sum)
  }

  /// The sum of the gradients of some leaves, and the losses by leaf; any numbers where there is no leaf.
  private func sum(
    _ leaves: [Leaf], _ share: Range<Int>, weights: FloatBuffer
  ) throws -> (FloatBuffer, [Double]) {
    guard !share.isEmpty else {
      let buffer = try spare.popLast() ?? FloatBuffer(count: decoder.parameters.count)
      return (buffer, [Double](repeating: 0, count: leaves.count))
    }
    let job = GradientJob(
      leaves: leaves, share: share, decoder: decoder,
      weights: .init(values: weights, packed: packed),
      tree: GradientTree(
        leaves: share.count, size: decoder.parameters.count, kernels: kernels, spare: spare))
    pool.run(pool.threads) { [memories] _, worker in job.work(memories[worker]) }
    if let failure = job.failure { throw failure }
    let (sum, free) = job.tree.end()
    spare = free
    guard let sum else { throw TrainingError(.data, field: "leaves", "there are none") }
    return (sum, job.losses)
  }

  /// Takes a gradient's memory back for later steps.
  package func recycle(_ gradient: FloatBuffer) {
    spare.append(gradient)
  }

  /// The log-probability of each target, by leaf and row; no gradient is computed.
  package func logProbabilities(_ leaves: [Leaf], weights: FloatBuffer) throws -> [[Double]] {
    try check(leaves)
    packed.pack(weights, on: pool)
    let job = ValueJob(
      leaves: leaves, decoder: decoder, weights: .init(values: weights, packed: packed))
    let shares = group.shares(of: leaves.count)
    let own = shares[group.rank]
    pool.run(own.count) { [memories] place, worker in
      job.run(own.lowerBound + place, memories[worker])
    }
    return try gather(job.results, of: leaves, shares)
  }

  /// Has every process receive the values of all leaves.
  private func gather(
    _ values: [[Double]], of leaves: [Leaf], _ shares: [Range<Int>]
  ) throws -> [[Double]] {
    guard group.size > 1 else { return values }
    var starts = [0]
    for leaf in leaves { starts.append(starts[starts.count - 1] + leaf.tokens.count) }
    var all = [Double](repeating: 0, count: starts[leaves.count])
    for leaf in shares[group.rank] {
      all.replaceSubrange(starts[leaf]..<starts[leaf + 1], with: values[leaf])
    }
    try group.gather(&all, shares.map { starts[$0.lowerBound]..<starts[$0.upperBound] })
    return leaves.indices.map { Array(all[starts[$0]..<starts[$0 + 1]]) }
  }

  private func check(_ leaves: [Leaf]) throws(TrainingError) {
    for leaf in leaves {
      try leaf.check(for: decoder.shape)
      guard leaf.tokens.count <= rows else {
        throw TrainingError(
          .data, field: "leaf", "\(leaf.tokens.count) tokens, where \(rows) fit")
      }
    }
    guard !leaves.isEmpty else { throw TrainingError(.data, field: "leaves", "there are none") }
  }
}

/// One step's leaves, claimed in order by whoever is free.
// Unchecked: a lock guards what changes, and each loss is written by one thread.
private final class GradientJob: @unchecked Sendable {
  let leaves: [Leaf]
  /// The leaves that this process computes, some of which may be beyond the last one.
  let share: Range<Int>
  let decoder: TrainableDecoder
  let weights: TrainableDecoder.Weights
  let tree: GradientTree
  private let lock = Condition()
  private var next: Int
  private(set) var losses: [Double]
  private(set) var failure: TensorError?

  init(
    leaves: [Leaf], share: Range<Int>, decoder: TrainableDecoder,
    weights: TrainableDecoder.Weights, tree: GradientTree
  ) {
    self.leaves = leaves
    self.share = share
    next = share.lowerBound
    self.decoder = decoder
    self.weights = weights
    self.tree = tree
    losses = [Double](repeating: 0, count: leaves.count)
  }

  func work(_ memory: LeafMemory) {
    while let leaf = claim() {
      do throws(TensorError) {
        let gradient = try tree.take()
        var loss = 0.0
        if leaf < leaves.count {
          let weights = leaves[leaf].weights
          decoder.run(leaves[leaf], self.weights, memory: memory, addingTo: gradient) {
            loss -= $1 * Double(weights?[$0] ?? 1)
          }
        }
        tree.finish(leaf - share.lowerBound, gradient)
        note(loss, of: leaf)
      } catch {
        fail(error)
      }
    }
  }

  private func claim() -> Int? {
    lock.lock()
    defer { lock.unlock() }
    guard failure == nil, next < share.upperBound else { return nil }
    defer { next += 1 }
    return next
  }

  private func note(_ loss: Double, of leaf: Int) {
    lock.lock()
    if leaf < losses.count { losses[leaf] = loss }
    lock.unlock()
  }

  private func fail(_ error: TensorError) {
    lock.lock()
    failure = error
    lock.unlock()
  }
}

/// Leaves of which only the values are wanted.
// Unchecked: a lock guards the results.
private final class ValueJob: @unchecked Sendable {
  private let leaves: [Leaf]
  private let decoder: TrainableDecoder
  private let weights: TrainableDecoder.Weights
  private let lock = Condition()
  private(set) var results: [[Double]]

  init(leaves: [Leaf], decoder: TrainableDecoder, weights: TrainableDecoder.Weights) {
    self.leaves = leaves
    self.decoder = decoder
    self.weights = weights
    results = [[Double]](repeating: [], count: leaves.count)
  }

  func run(_ leaf: Int, _ memory: LeafMemory) {
    var values = [Double](repeating: 0, count: leaves[leaf].tokens.count)
    decoder.run(leaves[leaf], weights, memory: memory, addingTo: nil) { values[$0] = $1 }
    lock.lock()
    results[leaf] = values
    lock.unlock()
  }
}

extension Int {
  /// The least power of two that is not below the number, which is positive.
  fileprivate var nextPowerOfTwo: Int {
    self <= 1 ? 1 : 1 << (bitWidth - (self - 1).leadingZeroBitCount)
  }
}
