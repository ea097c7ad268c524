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
        decoder, rows: objective.largestLeaf, kernels: means.kernels, pool: pool),
      adapters: adapters)
    self.objective = objective
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

  /// Goes to the newest whole checkpoint, if there is one.
  ///
  /// - Returns: Why newer ones were passed over.
  package func resume() throws(TrainingError) -> [TrainingError] {
    guard let store else { return [] }
    let found = try store.latest()
    if let checkpoint = found.checkpoint {
      step = try RunState.restore(checkpoint, into: trainer, identity: identity).step
      savedStep = step
    }
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
    while step < settings.rate.total, !shouldStop() {
      let made = try await objective.step(
        step, rate: settings.rate.rate(at: step + 1), trainer)
      step += 1
      try report(step, made)
      try check(made)
      if step.isMultiple(of: settings.stepsPerCheckpoint) { save() }
    }
    save()
    return step == settings.rate.total
  }

  /// Ends the run where steps fail again and again.
  private func check(_ made: StepReport) throws(TrainingError) {
    failures = made.isSkipped && made.kept > 0 ? failures + 1 : 0
    guard failures == Self.mostFailures else { return }
    save()
    throw TrainingError(
      .data, field: "step \(step)",
      "\(failures) steps in a row had a loss or a gradient that is not finite")
  }

  /// Writes a checkpoint; a run whose disk is full goes on.
  private func save() {
    guard let store, savedStep != step else { return }
    let state = RunState(
      identity: identity, step: step, optimizerSteps: trainer.optimizer.steps)
    do throws(TrainingError) {
      try store.save(state.checkpoint(trainer))
      saveFailure = nil
      savedStep = step
    } catch {
      saveFailure = error
    }
  }
}
