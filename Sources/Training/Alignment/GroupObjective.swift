import ChatTemplates
import GPTModel
import Tensor
import Tokenizers

/// Learning from rewards that can be verified: the serving engine writes several answers to each question, and
/// those that are better than the others of their group become more likely.
package struct GroupObjective: TrainingObjective {
  /// How steps are made.
  package struct Settings: Sendable, Hashable {
    /// Questions of a step.
    package var questions = 32
    /// Answers to each.
    package var answers = 8
    /// Tokens of an answer at most; an answer that is cut there has no reward.
    package var longest = 96
    /// What a token beyond `freeTokens` costs.
    package var tokenPrice = 0.001
    /// Tokens of an answer that cost nothing.
    package var freeTokens = 64
    /// Tokens of a leaf.
    package var leafTokens = 1024
    /// How rewards become weights.
    package var policy = GroupPolicy()
    /// What questions and answers are drawn from.
    package var seed: UInt64 = 1

    /// Takes the usual numbers.
    package init() {}
  }

  /// Rounds in which groups that teach nothing are replaced.
  private static let rounds = 2
  /// Steps from one comparison of the engine's probabilities with the trainer's to the next.
  private static let stepsPerComparison = 10

  private struct Group {
    let prompt: [Token]
    let rollouts: [Rollout]
    let rewards: [Double]
    let advantages: [Double]
  }

  private let settings: Settings
  private let questions: [Question]
  private let prompts: [[Token]]
  private let model: TrainableModel

  /// Encodes questions.
  ///
  /// - Parameter model: The model whose weights are trained, for the engine to serve.
  package init(
    _ questions: [Question], model: TrainableModel, encoder: DialogueEncoder, settings: Settings
  ) throws(TrainingError) {
    let sizes = [
      ("questions", settings.questions), ("answers", settings.answers),
      ("longest", settings.longest), ("leafTokens", settings.leafTokens),
    ]
    for (name, size) in sizes where !(1...1 << 16).contains(size) {
      throw TrainingError(.configuration, field: name, "\(size) is not in 1...65536")
    }
    guard settings.answers > 1, !questions.isEmpty else {
      throw TrainingError(
        .configuration, field: "answers",
        "\(settings.answers) to each of \(questions.count) questions cannot be compared")
    }
    self.settings = settings
    self.questions = questions
    self.model = model
    var prompts: [[Token]] = []
    for question in questions { prompts.append(try encoder.prompt(question.dialogue.messages)) }
    self.prompts = prompts
    guard longestPrompt + settings.longest < model.shape.context else {
      throw TrainingError(
        .configuration, field: "longest",
        "\(longestPrompt) + \(settings.longest) tokens in a context of \(model.shape.context)")
    }
  }

  private var longestPrompt: Int { prompts.reduce(0) { max($0, $1.count) } }

  package var largestLeaf: Int { max(settings.leafTokens, longestPrompt + settings.longest) }

  package mutating func step(
    _ number: Int, rate: Double, _ trainer: Trainer
  ) async throws -> StepReport {
    var groups: [Group] = []
    var all: [Group] = []
    for round in 0..<Self.rounds where groups.count < settings.questions {
      let wanted = settings.questions - groups.count
      let made = try await write(
        places(step: number, round: round, count: wanted), step: number, trainer)
      all += made
      groups += made.filter { !$0.advantages.isEmpty }
    }
    var report = try learn(groups, rate: rate, trainer)
    let rewards = all.flatMap(\.rewards)
    let tokens = all.reduce(0) { $0 + $1.rollouts.reduce(0) { $0 + $1.tokens.count } }
    report.figures["reward"] = rewards.reduce(0, +) / Double(max(rewards.count, 1))
    report.figures["length"] = Double(tokens) / Double(max(rewards.count, 1))
    report.figures["mixed"] = Double(groups.count) / Double(max(all.count, 1))
    return report
  }

  /// The numbers of questions of a round.
  private func places(step: Int, round: Int, count: Int) -> [Int] {
    let random = CounterRandom(seed: settings.seed, purpose: .rollouts, step: UInt64(step))
    return (0..<count).map {
      Int(random.below(UInt64(questions.count), UInt64(round * settings.questions + $0)))
    }
  }

  /// Has the engine answer questions, and rewards the answers.
  private func write(
    _ places: [Int], step: Int, _ trainer: Trainer
  ) async throws -> [Group] {
    var writer = RolloutWriter()
    writer.longest = settings.longest
    writer.temperature = 1
    writer.threads = trainer.gradients.pool.threads
    var tasks: [RolloutWriter.Task] = []
    for (number, place) in places.enumerated() {
      let random = CounterRandom(
        seed: settings.seed, purpose: .rollouts, step: UInt64(step) << 20 | UInt64(number))
      for answer in 0..<settings.answers {
        var task = RolloutWriter.Task(prompt: prompts[place])
        task.seed = random.bits(UInt64(place))
        task.choice = answer
        tasks.append(task)
      }
    }
    let threads = trainer.gradients.pool.threads
    let rollouts = try await writer.answers(tasks, over: trainer.group) {
      try model.served(threads: threads)
    }
    return places.enumerated().map { number, place in
      let own = Array(rollouts[number * settings.answers..<(number + 1) * settings.answers])
      let rewards = own.map { reward($0, questions[place]) }
      return Group(
        prompt: prompts[place], rollouts: own, rewards: rewards,
        advantages: settings.policy.advantages(rewards) ?? [])
    }
  }

  /// 1 for a right answer that the model ended itself, less what its length costs; 0 for others.
  func reward(_ rollout: Rollout, _ question: Question) -> Double {
    guard rollout.isEnded, question.check.accepts(rollout.text, as: question.answer) else {
      return 0
    }
    let costly = max(rollout.tokens.count - settings.freeTokens, 0)
    return 1 - settings.tokenPrice * Double(costly)
  }

  /// Makes one step of the trainer: the answers are the model's own, so that every ratio is 1.
  private func learn(
    _ groups: [Group], rate: Double, _ trainer: Trainer
  ) throws -> StepReport {
    let tokens = groups.reduce(0) { $0 + $1.rollouts.reduce(0) { $0 + $1.tokens.count } }
    let answers = groups.reduce(0) { $0 + $1.rollouts.count }
    var leaves: [Leaf] = []
    var builder = LeafBuilder()
    for group in groups {
      for (rollout, advantage) in zip(group.rollouts, group.advantages) {
        let share = settings.policy.share(
          length: rollout.tokens.count, tokens: tokens, answers: answers)
        let document = Self.document(group.prompt, rollout)
        if builder.count > 0, builder.count + document.positions > settings.leafTokens {
          leaves.append(try builder.leaf(isWeighted: true))
          builder = LeafBuilder()
        }
        builder.add(document) { _ in Float(advantage * share) }
      }
    }
    if builder.count > 0 { leaves.append(try builder.leaf(isWeighted: true)) }
    guard !leaves.isEmpty else {
      return StepReport(loss: 0, kept: 0, norm: 0, rate: rate, isSkipped: true)
    }
    let isCompared = trainer.optimizer.steps.isMultiple(of: Self.stepsPerComparison)
    let mismatch = isCompared ? try mismatch(groups, trainer) : nil
    var report = try trainer.step(leaves, rate: rate, divisor: 1)
    report.figures["mismatch"] = mismatch
    return report
  }

  private static func document(_ prompt: [Token], _ rollout: Rollout) -> TrainedDocument {
    var document = TrainedDocument()
    document.append(prompt, isLearned: false)
    document.append(rollout.tokens, isLearned: true)
    return document
  }

  /// How far the engine's log p of the first group's answers is from the trainer's, in the mean over tokens.
  private func mismatch(_ groups: [Group], _ trainer: Trainer) throws -> Double {
    guard let group = groups.first else { return 0 }
    var (sum, count) = (0.0, 0)
    for rollout in group.rollouts {
      var builder = LeafBuilder()
      builder.add(Self.document(group.prompt, rollout))
      let leaf = try builder.leaf(isWeighted: false)
      let values = try trainer.gradients.logProbabilities([leaf], weights: trainer.weights)[0]
      for (value, other) in zip(values.suffix(rollout.tokens.count), rollout.logProbabilities) {
        sum += (value - other).magnitude
        count += 1
      }
    }
    return sum / Double(max(count, 1))
  }
}
