package import GPTModel
package import JSON

/// How many questions of each kind a model answers rightly.
package struct SkillScores: Sendable, Hashable {
  /// The figures of a kind.
  package struct Family: Sendable, Hashable {
    /// The kind.
    package let name: String
    /// Questions.
    package internal(set) var questions = 0
    /// Right answers.
    package internal(set) var right = 0
    /// Tokens of all answers.
    package internal(set) var tokens = 0

    /// The share of right answers.
    package var accuracy: Double { questions == 0 ? 0 : Double(right) / Double(questions) }

    /// The interval that has the true share in 95 of 100 cases: Wilson, "Probable Inference, the Law of
    /// Succession, and Statistical Inference", 1927.
    package var interval: ClosedRange<Double> {
      guard questions > 0 else { return 0...1 }
      let (count, z) = (Double(questions), 1.959964)
      let middle = (accuracy + z * z / (2 * count)) / (1 + z * z / count)
      let spread = accuracy * (1 - accuracy) / count + z * z / (4 * count * count)
      let reach = z / (1 + z * z / count) * spread.squareRoot()
      return max(0, middle - reach)...min(1, middle + reach)
    }
  }

  /// The kinds by name.
  package private(set) var families: [Family] = []
  /// Some answers: question, answer, and whether it is right.
  package private(set) var samples: [(question: String, answer: String, isRight: Bool)] = []

  /// Has no figures yet.
  package init() {}

  /// The mean of the shares of all kinds.
  package var macroAverage: Double {
    families.isEmpty
      ? 0 : families.reduce(0) { $0 + $1.accuracy } / Double(families.count)
  }

  /// Samples that are kept of each kind.
  private static let samplesPerFamily = 2

  /// Takes an answer in.
  mutating func add(_ question: Question, _ rollout: Rollout) {
    let name = question.dialogue.family
    let index: Int
    if let found = families.firstIndex(where: { $0.name == name }) {
      index = found
    } else {
      index = families.firstIndex { $0.name > name } ?? families.count
      families.insert(Family(name: name), at: index)
    }
    let isRight = rollout.isEnded && question.check.accepts(rollout.text, as: question.answer)
    if families[index].questions < Self.samplesPerFamily {
      let text = question.dialogue.messages.last?.content ?? ""
      samples.append((text, rollout.text, isRight))
    }
    families[index].questions += 1
    families[index].right += isRight ? 1 : 0
    families[index].tokens += rollout.tokens.count
  }

  /// Has a model answer questions with its most likely tokens.
  package static func measure(
    _ model: LoadedModel, _ questions: [Question], writer: RolloutWriter
  ) async throws -> SkillScores {
    guard let template = model.chatTemplate else {
      throw TrainingError(.configuration, field: "chat template", "the model has none")
    }
    let encoder = DialogueEncoder(
      template: template, tokenizer: model.tokenizer, context: model.contextLength)
    var tasks: [RolloutWriter.Task] = []
    for question in questions {
      tasks.append(.init(prompt: try encoder.prompt(question.dialogue.messages)))
    }
    let rollouts = try await writer.answers(tasks, by: model)
    var scores = SkillScores()
    for (question, rollout) in zip(questions, rollouts) { scores.add(question, rollout) }
    return scores
  }

  package static func == (one: SkillScores, other: SkillScores) -> Bool {
    one.families == other.families
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(families) }

  /// Writes the figures as members of an object.
  package func write(to json: inout JSONWriter) {
    json.member("macro_average") { $0.value(macroAverage) }
    json.member("families") { json in
      json.object { json in
        for family in families {
          json.member(family.name) { json in
            json.object { json in
              json.member("questions", family.questions)
              json.member("right", family.right)
              json.member("accuracy") { $0.value(family.accuracy) }
              json.member("low") { $0.value(family.interval.lowerBound) }
              json.member("high") { $0.value(family.interval.upperBound) }
              json.member("tokens", family.tokens)
            }
          }
        }
      }
    }
  }
}
