import GPTModel
import NIOConcurrencyHelpers

/// Facts about one request for the log: never its text, never its key.
final class RequestRecord: Sendable {
  /// The facts.
  struct Facts {
    /// The name of the key that the request came with.
    var client: String?
    /// The kind of error it ended with.
    var error: String?
    /// Why it was an error.
    var reason: ErrorReason?
    /// Tokens of the prompt, where an answer was finished.
    var promptTokens: Int?
    /// Tokens of the prompt that were found computed.
    var cachedTokens = 0
    /// Tokens of all answers.
    var completionTokens = 0
    /// The longest times of any answer.
    var times = GenerationTimes()
    /// How each answer ended, in the order in which they did.
    var endings: [String] = []
  }

  /// The request that is being answered.
  @TaskLocal static var current: RequestRecord?

  /// When it arrived.
  let start = ContinuousClock.now
  private let state = NIOLockedValueBox(Facts())

  /// The facts so far.
  var facts: Facts { state.withLockedValue { $0 } }

  /// Notes whose key it came with.
  func note(client: String) { state.withLockedValue { $0.client = client } }

  /// Notes the error that is the answer.
  func note(_ error: APIError) {
    state.withLockedValue { facts in
      facts.error = error.code ?? error.type
      facts.reason = error.reason
    }
  }

  /// Notes the end of an answer.
  ///
  /// - Parameters:
  ///   - summary: How it ended; nil when it was left or failed.
  ///   - tokens: How many tokens were reported before.
  func noteAnswer(_ summary: GenerationSummary?, tokens: Int) {
    state.withLockedValue { facts in
      guard let summary else {
        facts.completionTokens += tokens
        facts.endings.append("none")
        return
      }
      facts.promptTokens = summary.usage.promptTokens
      facts.cachedTokens = max(facts.cachedTokens, summary.usage.cachedTokens)
      facts.completionTokens += summary.usage.completionTokens
      facts.times = facts.times.longest(summary.times)
      facts.endings.append(summary.reason.wireName)
    }
  }
}
