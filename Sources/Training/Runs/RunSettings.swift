import Platform

/// What the weights of a run depend on, besides its corpus.
package struct RunSettings: Sendable, Hashable {
  /// The sizes of the network.
  package var shape: ModelShape
  /// How weights are stepped.
  package var optimizer = OptimizerSettings()
  /// The rate of each step, and how many there are.
  package var rate: LearningRate
  /// How steps are cut out of the corpus.
  package var cut: TrainingData.Cut
  /// What all random numbers are drawn from.
  package var seed: UInt64 = 1
  /// Steps from a checkpoint to the next.
  package var stepsPerCheckpoint = 500

  /// Names what has no usual value.
  package init(shape: ModelShape, rate: LearningRate, cut: TrainingData.Cut) {
    self.shape = shape
    self.rate = rate
    self.cut = cut
  }

  /// Throws where a number is out of its range.
  package func check(_ corpus: TokenCorpus) throws(TrainingError) {
    try shape.check()
    guard shape.vocabulary >= corpus.vocabulary else {
      throw TrainingError(
        .configuration, field: "vocabulary",
        "\(shape.vocabulary) entries, where the corpus was made with \(corpus.vocabulary)")
    }
    guard cut.rowLength <= shape.context else {
      throw TrainingError(
        .configuration, field: "rowLength",
        "\(cut.rowLength) positions in a context of \(shape.context)")
    }
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

  /// All of it by name; a run goes on from a checkpoint only where all are the same.
  ///
  /// Threads, instruction sets and the steps from a checkpoint to the next change nothing.
  func identity(_ corpus: TokenCorpus) -> [String: String] {
    let digest = SHA256.hash(corpus.encoded()).map { String($0) }.joined(separator: " ")
    return [
      "corpus": digest,
      "shape": """
      V \(shape.vocabulary) W \(shape.width) L \(shape.layers) Q \(shape.queryHeads) \
      G \(shape.keyValueHeads) D \(shape.headLength) F \(shape.feedForward) \
      C \(shape.context) base \(shape.ropeBase) epsilon \(shape.epsilon) tied \(shape.isTied)
      """,
      "optimizer": """
      \(optimizer.matrixRule.rawValue) \(optimizer.firstBeta) \(optimizer.secondBeta) \
      \(optimizer.epsilon) decay \(optimizer.weightDecay) clip \(optimizer.clip ?? .infinity) \
      momentum \(optimizer.momentum) factor \(optimizer.muonRate)
      """,
      "rate": """
      \(rate.peak) warm-up \(rate.warmUp) of \(rate.total) decay \(rate.decayFraction) \
      to \(rate.final)
      """,
      "cut": "\(cut.rowLength) x \(cut.rows) x \(cut.leaves)",
      "seed": "\(seed)",
    ]
  }
}
