import GPTModel
import TestSupport

/// All that one generation reported.
struct Answer: Equatable, Sendable {
  private(set) var tokens: [Token] = []
  private(set) var text = ""
  /// The log-probabilities of tokens and alternatives, as bits.
  private(set) var logprobs: [UInt32] = []
  /// How it ended, without its times, which no two runs have in common.
  private(set) var summary: GenerationSummary?
  private(set) var prompt: PromptReport?

  /// Reads a generation to its end.
  init(_ events: GenerationStream) async throws {
    for try await event in events {
      switch event {
      case .progress: break
      case .prompt(let report): prompt = report
      case .token(let token):
        tokens.append(token.token)
        text += token.text
        guard let report = token.logprobs else { continue }
        logprobs += ([report.chosen] + report.alternatives).map(\.logprob.bitPattern)
      case .finished(let summary):
        text += summary.text
        self.summary = summary
        self.summary?.times = GenerationTimes()
      }
    }
  }

  /// The same, whatever was found computed and however much was drafted.
  var regardlessOfUsage: Answer {
    guard let summary else { return self }
    var usage = summary.usage
    (usage.cachedTokens, usage.acceptedDraftTokens, usage.rejectedDraftTokens) = (0, 0, 0)
    var answer = self
    answer.summary = GenerationSummary(reason: summary.reason, text: summary.text, usage: usage)
    answer.summary?.endToken = summary.endToken
    answer.summary?.endLogprobs = summary.endLogprobs
    return answer
  }

  /// The answers of requests that run one after the other, without the cache.
  static func alone(
    _ requests: [GenerationRequest], on engine: Engine
  ) async throws -> [Answer] {
    var answers: [Answer] = []
    for request in requests {
      var request = request
      request.terms.usesCache = false
      answers.append(try await Answer(try engine.generate(request)))
    }
    return answers
  }

  /// The answers of requests that run side by side: no token is chosen before all were taken, however
  /// fast the engine is.
  static func together(
    _ requests: [GenerationRequest], on engine: Engine
  ) async throws -> [Answer] {
    let gate = Gate()
    let streams = try {
      defer { gate.open() }
      return try requests.map { request in
        var request = request
        request.processors.append(gate)
        return try engine.generate(request)
      }
    }()
    return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      for (index, stream) in streams.enumerated() {
        group.addTask { (index, try await Answer(stream)) }
      }
      var answers: [Int: Answer] = [:]
      for try await (index, answer) in group { answers[index] = answer }
      return streams.indices.compactMap { answers[$0] }
    }
  }
}
