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
    try stage.check()
  }

  /// What does not depend on the kind of data.
  package var stage: StageSettings {
    var stage = StageSettings(rate: rate)
    stage.optimizer = optimizer
    stage.seed = seed
    stage.stepsPerCheckpoint = stepsPerCheckpoint
    return stage
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
      "cut": "\(cut.rowLength) x \(cut.rows) x \(cut.leaves)",
    ].merging(stage.identity) { first, _ in first }
  }
}
