import Tensor

/// A run of training: steps from the first to the last, with checkpoints, from wherever an earlier process
/// ended.
package final class TrainingRun {
  /// Steps without a finite loss and norm, one after the other, that end a run.
  private static let mostFailures = 3

  /// What the run was started with.
  package let settings: RunSettings
  /// The network, its weights and its optimizer.
  package let trainer: Trainer
  /// Steps made, those of earlier processes among them.
  package private(set) var step = 0
  /// Why the last checkpoint could not be written; nil where it could.
  package private(set) var saveFailure: TrainingError?
  private var data: TrainingData
  private let store: CheckpointStore?
  private let identity: [String: String]
  private var failures = 0
  /// The step of the newest checkpoint that this process read or wrote.
  private var savedStep: Int?

  /// Prepares a run at its first step.
  package init(
    _ settings: RunSettings, corpus: TokenCorpus, kernels: TrainingKernels, threads: Int,
    store: CheckpointStore?
  ) throws {
    try settings.check(corpus)
    self.settings = settings
    self.store = store
    identity = settings.identity(corpus)
    data = try TrainingData(corpus, cut: settings.cut, seed: settings.seed)
    let decoder = try TrainableDecoder(settings.shape)
    let pool = WorkerPool(threads: threads)
    let weights = try FloatBuffer(count: decoder.parameters.count)
    FirstWeights.fill(weights, decoder, seed: settings.seed)
    trainer = Trainer(
      weights: weights,
      optimizer: try Optimizer(
        decoder.parameters, settings: settings.optimizer, kernels: kernels, threads: pool.threads),
      gradients: try GradientSum(
        decoder, rows: settings.cut.rows * settings.cut.rowLength, kernels: kernels, pool: pool))
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
    shouldStop: () -> Bool = { false }, report: (Int, StepReport) -> Void = { _, _ in }
  ) throws -> Bool {
    while step < settings.rate.total, !shouldStop() {
      let made = try trainer.step(
        try data.leaves(step: step), rate: settings.rate.rate(at: step + 1))
      step += 1
      report(step, made)
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
