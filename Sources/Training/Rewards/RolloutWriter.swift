package import GPTModel
package import Tokenizers

/// An answer that the serving engine wrote.
package struct Rollout: Sendable, Hashable {
  /// The tokens, the one that ended it included where there is one.
  package var tokens: [Token] = []
  /// The natural logarithms of their probabilities by the engine.
  package var logProbabilities: [Double] = []
  /// The text without the token that ended it.
  package var text = ""
  /// Whether the model ended the answer itself.
  package var isEnded = false
}

/// Has the serving engine write answers, all at once.
package struct RolloutWriter: Sendable {
  /// A prompt, and how its answer is written.
  package struct Task: Sendable {
    /// The tokens.
    package var prompt: [Token]
    /// What the random sequence is named.
    package var seed: UInt64 = 0
    /// Which of several answers it is.
    package var choice = 0

    /// Names the prompt.
    package init(prompt: [Token]) {
      self.prompt = prompt
    }
  }

  /// Tokens of an answer at most.
  package var longest = 96
  /// What logits are divided by; 0 for the most likely tokens.
  package var temperature: Float = 0
  /// Threads that compute; nil for all.
  package var threads: Int?

  /// Takes the most likely tokens.
  package init() {}

  /// The answers in the order of the tasks, the same bits whatever runs beside them.
  package func answers(_ tasks: [Task], by model: LoadedModel) async throws -> [Rollout] {
    let engine = try Engine(model: model, configuration: configuration(tasks))
    return try await withThrowingTaskGroup(of: (Int, Rollout).self) { group in
      for (number, task) in tasks.enumerated() {
        let stream = try engine.generate(request(task))
        group.addTask { (number, try await Self.rollout(stream)) }
      }
      var rollouts = [Rollout](repeating: Rollout(), count: tasks.count)
      for try await (number, rollout) in group { rollouts[number] = rollout }
      return rollouts
    }
  }

  private func configuration(_ tasks: [Task]) -> EngineConfiguration {
    var configuration = EngineConfiguration()
    let longestPrompt = tasks.reduce(0) { max($0, $1.prompt.count) }
    configuration.threads = threads
    configuration.contextLength = longestPrompt + longest + 1
    configuration.runningSequences = min(64, max(tasks.count, 1))
    configuration.waitingRequests = max(tasks.count, 1)
    configuration.waitingTokens = .max
    // Nobody waits for a single answer.
    configuration.interTokenTarget = 60
    return configuration
  }

  private func request(_ task: Task) -> GenerationRequest {
    var sampling = SamplingParameters()
    sampling.temperature = temperature
    sampling.seed = task.seed
    return GenerationRequest(
      prompt: task.prompt, sampling: sampling, stop: StopCondition(maximumTokens: longest),
      choice: task.choice, alternatives: 0)
  }

  private static func rollout(_ stream: GenerationStream) async throws -> Rollout {
    var rollout = Rollout()
    func add(_ token: Token, _ report: TokenLogprobs?) {
      rollout.tokens.append(token)
      rollout.logProbabilities.append(Double(report?.chosen.logprob ?? 0))
    }
    for try await event in stream {
      switch event {
      case .progress, .prompt: break
      case .token(let token):
        rollout.text += token.text
        add(token.token, token.logprobs)
      case .finished(let summary):
        rollout.text += summary.text
        rollout.isEnded = summary.reason == .stop
        if let end = summary.endToken { add(end, summary.endLogprobs) }
      }
    }
    return rollout
  }
}
