/// What the weights of any stage of training depend on, besides the model and the data.
package struct StageSettings: Sendable, Hashable {
  /// How weights are stepped.
  package var optimizer = OptimizerSettings()
  /// The rate of each step, and how many there are.
  package var rate: LearningRate
  /// What all random numbers are drawn from.
  package var seed: UInt64 = 1
  /// Steps from a checkpoint to the next.
  package var stepsPerCheckpoint = 500

  /// Names the rate.
  package init(rate: LearningRate) {
    self.rate = rate
  }

  /// Throws where a number is out of its range.
  package func check() throws(TrainingError) {
    guard (1...1 << 31).contains(rate.total), (0...rate.total).contains(rate.warmUp) else {
      throw TrainingError(
        .configuration, field: "steps", "\(rate.total), of which \(rate.warmUp) warm up")
    }
    guard rate.peak > 0, rate.peak.isFinite, (0...1).contains(rate.decayFraction),
      (0...1).contains(rate.final)
    else {
      throw TrainingError(.configuration, field: "rate", "\(rate.peak) is not above 0")
    }
    guard stepsPerCheckpoint > 0 else {
      throw TrainingError(.configuration, field: "checkpoints", "every \(stepsPerCheckpoint) steps")
    }
  }

  /// All of it by name.
  var identity: [String: String] {
    [
      "optimizer": """
      \(optimizer.matrixRule.rawValue) \(optimizer.firstBeta) \(optimizer.secondBeta) \
      \(optimizer.epsilon) decay \(optimizer.weightDecay) clip \(optimizer.clip ?? .infinity) \
      momentum \(optimizer.momentum) factor \(optimizer.muonRate)
      """,
      "rate": """
      \(rate.peak) warm-up \(rate.warmUp) of \(rate.total) decay \(rate.decayFraction) \
      to \(rate.final)
      """,
      "seed": "\(seed)",
    ]
  }
}
