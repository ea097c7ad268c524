package import Collectives
import JSON
import Platform
import Tensor

/// A run of training: steps from the first to the last, with checkpoints, from wherever an earlier process
/// ended.
package final class TrainingRun {
  /// Steps without a finite loss and norm, one after the other, that end a run.
  private static let mostFailures = 3

  /// What the run was started with.
  package let settings: StageSettings
  /// The network, its weights and its optimizer.
  package let trainer: Trainer
  /// Steps made, those of earlier processes among them.
  package private(set) var step = 0
  /// Why the last checkpoint could not be written; nil where it could.
  package private(set) var saveFailure: TrainingError?
  private var objective: any TrainingObjective
  private let store: CheckpointStore?
  private let identity: [String: String]
  private var failures = 0
  /// The step of the newest checkpoint that this process read or wrote.
  private var savedStep: Int?

  /// What computes.
  package struct Means {
    let kernels: TrainingKernels
    let threads: Int
    let store: CheckpointStore?
    /// The processes that train together.
    package var group: any ProcessGroup = SingleProcess()

    /// Names kernels, threads, and where checkpoints go; nil for nowhere.
    package init(kernels: TrainingKernels, threads: Int, store: CheckpointStore?) {
      self.kernels = kernels
      self.threads = threads
      self.store = store
    }
  }

  /// What a run begins with.
  package struct Start {
    /// The network.
    package let decoder: TrainableDecoder
    /// Its weights, which the run changes.
    package let weights: FloatBuffer
    /// What tells the model and the data from others, by name.
    package let identity: [String: String]
    /// What steps the weights; nil for the optimizer on all of them.
    package var adapters: AdapterSettings?

    /// Names the parts.
    package init(decoder: TrainableDecoder, weights: FloatBuffer, identity: [String: String]) {
      self.decoder = decoder
      self.weights = weights
      self.identity = identity
    }
  }

  /// Prepares a run at its first step.
  package init(
    _ settings: StageSettings, _ start: Start, objective: any TrainingObjective, _ means: Means
  ) throws {
    try settings.check()
    self.settings = settings
    store = means.store
    let decoder = start.decoder
    let pool = WorkerPool(threads: means.threads)
    let adapters = try start.adapters.map {
      try Adapters($0, base: start.weights, decoder: decoder, kernels: means.kernels, pool: pool)
    }
    var identity = start.identity.merging(settings.identity) { first, _ in first }
    if let adapters { identity["adapters"] = adapters.settings.identity }
    self.identity = identity
    trainer = Trainer(
      weights: start.weights,
      optimizer: try Optimizer(
        adapters?.list ?? decoder.parameters, settings: settings.optimizer, kernels: means.kernels,
        threads: pool.threads),
      gradients: try GradientSum(
        decoder, rows: objective.largestLeaf, kernels: means.kernels, pool: pool,
        group: means.group),
      adapters: adapters)
    self.objective = objective
    try Self.agree(identity, means.group)
    try self.objective.prepare(trainer)
  }

  /// Prepares a run that learns to predict a corpus, from the first weights of its seed.
  package convenience init(
    _ settings: RunSettings, corpus: TokenCorpus, kernels: TrainingKernels, threads: Int,
    store: CheckpointStore?
  ) throws {
    try settings.check(corpus)
    let decoder = try TrainableDecoder(settings.shape)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    FirstWeights.fill(weights, decoder, seed: settings.seed)
    let data = try TrainingData(corpus, cut: settings.cut, seed: settings.seed)
    try self.init(
      settings.stage,
      Start(decoder: decoder, weights: weights, identity: settings.identity(corpus)),
      objective: NextToken(data), Means(kernels: kernels, threads: threads, store: store))
  }

  /// Throws where processes were started with different things.
  private static func agree(_ identity: [String: String], _ group: any ProcessGroup) throws {
    let names = identity.keys.sorted()
    for (number, name) in names.enumerated() {
      let own = SHA256.hash(Array("\(names.count) \(name) \(identity[name] ?? "")".utf8))
      let all = try group.all(number == 0 ? own + SHA256.hash(Array("\(names)".utf8)) : own)
      guard all.allSatisfy({ $0 == all[0] }) else {
        throw TrainingError(
          .configuration, field: name, "the processes were not started with the same one")
      }
    }
  }

  /// Goes to the newest whole checkpoint, if there is one.
  ///
  /// - Returns: Why newer ones were passed over; other processes than the first do not know.
  package func resume() throws -> [TrainingError] {
    guard let store else { return [] }
    let group = trainer.group
    let found = group.isFirst ? try store.latest() : CheckpointStore.Found()
    var state: [Int] = [-1, 0]
    if let checkpoint = found.checkpoint {
      let restored = try RunState.restore(checkpoint, into: trainer, identity: identity)
      state = [restored.step, restored.optimizerSteps]
    }
    state = try group.first(state)
    guard state[0] >= 0 else { return found.faults }
    (step, savedStep, trainer.optimizer.steps) = (state[0], state[0], state[1])
    try trainer.scatterState()
    if !group.isFirst { trainer.adapters?.merge(into: trainer.weights) }
    return found.faults
  }

  /// Makes the steps that are left, and writes checkpoints.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked before each step; true ends the run with a checkpoint.
  ///   - report: Receives each step's number, counted from 1, and what it did.
  /// - Returns: Whether all steps are made.
  package func run(
    shouldStop: () -> Bool = { false }, report: (Int, StepReport) throws -> Void = { _, _ in }
  ) async throws -> Bool {
    while step < settings.rate.total, try !trainer.group.isAny(shouldStop()) {
      let made = try await objective.step(
        step, rate: settings.rate.rate(at: step + 1), trainer)
      step += 1
      try report(step, made)
      try check(made)
      if step.isMultiple(of: settings.stepsPerCheckpoint) { try save() }
    }
    try save()
    return step == settings.rate.total
  }

  /// Ends the run where steps fail again and again.
  private func check(_ made: StepReport) throws {
    failures = made.isSkipped && made.kept > 0 ? failures + 1 : 0
    guard failures == Self.mostFailures else { return }
    try save()
    throw TrainingError(
      .data, field: "step \(step)",
      "\(failures) steps in a row had a loss or a gradient that is not finite")
  }

  /// Writes a checkpoint; a run whose disk is full goes on.
  private func save() throws {
    guard let store, savedStep != step else { return }
    try trainer.gatherMoments()
    if trainer.group.isFirst { save(in: store) }
    if try trainer.group.first([saveFailure == nil ? 1 : 0]) == [1] { savedStep = step }
  }

  private func save(in store: CheckpointStore) {
    let state = RunState(
      identity: identity, step: step, optimizerSteps: trainer.optimizer.steps)
    do throws(TrainingError) {
      try store.save(state.checkpoint(trainer))
      saveFailure = nil
    } catch {
      saveFailure = error
    }
  }
}
