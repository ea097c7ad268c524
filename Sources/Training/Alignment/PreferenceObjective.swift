import ChatTemplates

/// Learning from pairs of answers, by direct preference optimization.
package struct PreferenceObjective: TrainingObjective {
  /// How steps are cut.
  package struct Settings: Sendable, Hashable {
    /// The loss of pairs.
    package var preference = DirectPreference()
    /// The factor on the mean of -log p over the chosen answer, which is added to the loss: it keeps the chosen
    /// answer as likely as it was.
    package var supervised = 0.1
    /// Pairs of a step.
    package var pairs = 16
    /// What the order of pairs is drawn from.
    package var seed: UInt64 = 1

    /// Takes the usual numbers.
    package init() {}
  }

  private struct Pair {
    let chosen: TrainedDocument
    let rejected: TrainedDocument
    var reference: (chosen: Double, rejected: Double) = (0, 0)
  }

  private let settings: Settings
  private var pairs: [Pair]

  /// Encodes pairs.
  package init(
    _ pairs: [PreferencePair], encoder: DialogueEncoder, settings: Settings
  ) throws(TrainingError) {
    guard !pairs.isEmpty, (1...4096).contains(settings.pairs) else {
      throw TrainingError(
        .configuration, field: "pairs", "\(settings.pairs) a step, of \(pairs.count)")
    }
    self.settings = settings
    self.pairs = []
    for pair in pairs {
      self.pairs.append(
        Pair(
          chosen: try encoder.answer(pair.chosen, to: pair.prompt),
          rejected: try encoder.answer(pair.rejected, to: pair.prompt)))
    }
  }

  package var largestLeaf: Int {
    pairs.reduce(0) { max($0, $1.chosen.positions + $1.rejected.positions) }
  }

  /// Computes how likely the answers are to the model as it is before the first step.
  package mutating func prepare(_ trainer: Trainer) throws {
    for start in stride(from: 0, to: pairs.count, by: 64) {
      let range = start..<min(start + 64, pairs.count)
      let sums = try Self.sums(Array(pairs[range]), trainer)
      for (index, sum) in zip(range, sums) { pairs[index].reference = sum }
    }
  }

  package mutating func step(
    _ number: Int, rate: Double, _ trainer: Trainer
  ) async throws -> StepReport {
    let chosen = (0..<settings.pairs).map { pair(number * settings.pairs + $0) }
    let policy = try Self.sums(chosen, trainer)
    var (loss, margin, right, gain) = (0.0, 0.0, 0, 0.0)
    var leaves: [Leaf] = []
    for (pair, sums) in zip(chosen, policy) {
      let terms = DirectPreference.Pair(policy: sums, reference: pair.reference)
      loss += settings.preference.loss(terms)
      margin += settings.preference.beta * terms.margin
      right += terms.margin > 0 ? 1 : 0
      gain += sums.chosen - pair.reference.chosen
      leaves.append(try leaf(pair, weight: settings.preference.weight(terms)))
    }
    let count = Double(chosen.count)
    var report = try trainer.step(leaves, rate: rate, divisor: count)
    report.loss = loss / count
    report.figures = [
      "margin": margin / count, "accuracy": Double(right) / count, "chosen_gain": gain / count,
    ]
    return report
  }

  private func pair(_ number: Int) -> Pair {
    let (epoch, place) = number.quotientAndRemainder(dividingBy: pairs.count)
    let random = CounterRandom(seed: settings.seed, purpose: .documents, step: UInt64(epoch))
    // A step through all places that shares no divisor with their number visits each once.
    let stride = pairs.count.coprime(near: Int(random.below(UInt64(pairs.count), 0)) + 1)
    return pairs[(place * stride + epoch) % pairs.count]
  }

  private func leaf(_ pair: Pair, weight: Double) throws(TrainingError) -> Leaf {
    let length = Double(max(pair.chosen.isLearned.count { $0 }, 1))
    var builder = LeafBuilder()
    builder.add(pair.chosen) { _ in Float(weight + settings.supervised / length) }
    builder.add(pair.rejected) { _ in Float(-weight) }
    return try builder.leaf(isWeighted: true)
  }

  /// The sums of log p over the tokens of both answers of each pair.
  private static func sums(
    _ pairs: [Pair], _ trainer: Trainer
  ) throws -> [(chosen: Double, rejected: Double)] {
    var leaves: [Leaf] = []
    for pair in pairs {
      var builder = LeafBuilder()
      builder.add(pair.chosen)
      builder.add(pair.rejected)
      leaves.append(try builder.leaf(isWeighted: false))
    }
    let values = try trainer.gradients.logProbabilities(leaves, weights: trainer.weights)
    return zip(pairs, values).map { pair, values in
      (
        values[..<pair.chosen.positions].reduce(0, +),
        values[pair.chosen.positions...].reduce(0, +)
      )
    }
  }
}

extension DialogueEncoder {
  /// A prompt with an answer to learn.
  func answer(
    _ text: String, to prompt: [ChatMessage]
  ) throws(TrainingError) -> TrainedDocument {
    var document = TrainedDocument()
    let whole = try self.document(prompt + [ChatMessage(role: "assistant", content: text)])
    // Answers of the prompt itself are not learned again.
    let asked = try self.prompt(prompt).count
    document.append(whole.tokens[..<asked], isLearned: false)
    for place in asked..<whole.tokens.count {
      document.append([whole.tokens[place]], isLearned: whole.isLearned[place])
    }
    return document
  }
}

extension Int {
  /// The first number from one on that shares no divisor with this one.
  fileprivate func coprime(near start: Int) -> Int {
    var candidate = Swift.max(start, 1)
    while Self.divisor(candidate, self) != 1 { candidate += 1 }
    return candidate
  }

  private static func divisor(_ one: Int, _ other: Int) -> Int {
    other == 0 ? one : divisor(other, one % other)
  }
}
