/// What a stage of training learns from: it makes steps of a trainer, each a function of its number and the
/// weights alone.
package protocol TrainingObjective {
  /// Tokens of the largest leaf.
  var largestLeaf: Int { get }

  /// Looks at the weights before the first step, whichever step the run goes on from.
  mutating func prepare(_ trainer: Trainer) throws

  /// Makes the step of a number, counted from 0.
  mutating func step(_ number: Int, rate: Double, _ trainer: Trainer) async throws -> StepReport
}

extension TrainingObjective {
  /// Needs nothing.
  package mutating func prepare(_ trainer: Trainer) throws {}
}

/// The leaves of each step, a function of its number.
package protocol StepData {
  /// Tokens of the largest leaf.
  var largestLeaf: Int { get }
  /// The leaves of a step, counted from 0.
  mutating func leaves(step: Int) throws(TrainingError) -> [Leaf]
}

/// Predicting tokens: the loss is the mean of -log p over all that count.
package struct NextToken: TrainingObjective {
  private var data: any StepData

  /// Names the data.
  package init(_ data: any StepData) {
    self.data = data
  }

  package var largestLeaf: Int { data.largestLeaf }

  package mutating func step(
    _ number: Int, rate: Double, _ trainer: Trainer
  ) async throws -> StepReport {
    try trainer.step(try data.leaves(step: number), rate: rate)
  }
}
