import Synchronization

/// What an engine has done since it began: distributions over its requests and steps, and sums.
///
/// Bounds are those that vLLM uses, so that what was made for its figures reads these as well; between
/// tokens there are three smaller ones, because small models are that quick.
public struct EngineMeasures: Sendable, Hashable {
  /// Seconds from a request's arrival to its first token.
  public private(set) var timeToFirstToken = Distribution(bounds: Self.firstTokenBounds)
  /// Seconds between a token of an answer and the one before.
  public private(set) var interTokenLatency = Distribution(bounds: Self.tokenTimeBounds)
  /// Seconds from the arrival to the last token, of requests that were answered to their end.
  public private(set) var endToEndTime = Distribution(bounds: Self.requestBounds)
  /// Seconds of those that requests waited until they were started.
  public private(set) var queueTime = Distribution(bounds: Self.requestBounds)
  /// Seconds of those from the start to the first token.
  public private(set) var prefillTime = Distribution(bounds: Self.requestBounds)
  /// Seconds of those from the first token to the last.
  public private(set) var decodeTime = Distribution(bounds: Self.requestBounds)
  /// Tokens of the prompts of requests that were answered to their end.
  public private(set) var promptLength: Distribution
  /// Tokens of their answers.
  public private(set) var answerLength: Distribution
  /// Rows of a step: tokens being generated and tokens of prompts together.
  public private(set) var rowsPerStep = Distribution(bounds: Self.rowBounds)

  /// Tokens of prompts that were read or found computed.
  public private(set) var promptTokens = 0
  /// Tokens chosen.
  public private(set) var generatedTokens = 0
  /// Tokens of prompts that were looked up in the prefix cache.
  public private(set) var lookedUpTokens = 0
  /// Tokens of prompts that were found in the prefix cache.
  public private(set) var cachedTokens = 0
  /// Requests by how they ended.
  public private(set) var endings: [GenerationEnding: Int] = [:]
  /// Tokens that were drafted and computed, and those of them that were chosen.
  public private(set) var draftedTokens = 0
  public private(set) var acceptedDraftTokens = 0
  private var accounts = TokenAccounts()
  /// How forms of answers were made ready, for all engines of the model, and enforced.
  public internal(set) var constraints = ConstraintMeasures()

  /// All tokens, and the time of steps that they took.
  public var account: TokenAccount { accounts.total }
  /// The accounts of clients by name, where `EngineConfiguration.accountsByClient` asks for them; those
  /// beyond a thousand share that of the client without a name.
  public var clientAccounts: [String: TokenAccount] { accounts.clients }

  /// Creates the measures of an engine that has done nothing.
  ///
  /// - Parameter contextLength: Positions that a sequence may have, C.
  public init(contextLength: Int) {
    let bounds = Distribution.tokenBounds(upTo: contextLength)
    promptLength = Distribution(bounds: bounds)
    answerLength = Distribution(bounds: bounds)
  }

  private static let firstTokenBounds = [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
    80, 160, 640, 2560,
  ]
  private static let tokenTimeBounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5,
    7.5, 10, 20, 40, 80,
  ]
  private static let requestBounds = [
    0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
  ]
  private static let rowBounds: [Double] = [
    1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384,
  ]
}

/// How a request ended that had been taken.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum GenerationEnding: String, Sendable, Hashable, CaseIterable {
  /// The model, a stop token or a stop string ended the answer.
  case stop
  /// The answer was as long as it may be.
  case length
  /// The client left.
  case abort
  /// It waited too long, or something failed.
  case error
}

extension EngineMeasures {
  /// Notes a step of so many rows.
  package mutating func noteStep(rows: Int) { rowsPerStep.add(Double(rows)) }

  /// Shares the time of a step among those whose rows it computed.
  mutating func charge(_ seconds: Double, by shares: StepShares) {
    shares.charge(seconds, to: &accounts)
  }

  /// Changes the account of a client, nil for one that has none of its own, and that of all.
  package mutating func changeAccount(
    of client: String?, _ body: (inout TokenAccount) -> Void
  ) {
    accounts.change(client, body)
  }

  /// Notes the first token of an answer, which is all its prompt was read for.
  package mutating func noteFirstToken(
    after seconds: Double, prompt: Int, cached: Int, looksUp: Bool
  ) {
    timeToFirstToken.add(seconds)
    promptTokens += prompt
    generatedTokens += 1
    lookedUpTokens += looksUp ? prompt : 0
    cachedTokens += cached
  }

  /// Notes a further token of an answer.
  package mutating func noteToken(after seconds: Double) {
    interTokenLatency.add(seconds)
    generatedTokens += 1
  }

  /// Notes that the tokens were worked out that may come next.
  package mutating func noteMask(after seconds: Double) { constraints.maskTime.add(seconds) }

  /// Notes that tokens were drafted, or that some were chosen.
  package mutating func noteDrafted(_ tokens: Int) { draftedTokens += tokens }
  package mutating func noteAcceptedDraft() { acceptedDraftTokens += 1 }

  /// Notes that a token was taken because no other was allowed.
  package mutating func noteForcedToken() { constraints.forcedTokens += 1 }

  /// Notes the end of a request; its times and lengths count where it was answered to the end.
  package mutating func noteEnd(_ ending: GenerationEnding, usage: Usage, times: GenerationTimes) {
    endings[ending, default: 0] += 1
    guard ending == .stop || ending == .length else { return }
    endToEndTime.add(times.queued + times.prefill + times.decode)
    queueTime.add(times.queued)
    prefillTime.add(times.prefill)
    decodeTime.add(times.decode)
    promptLength.add(Double(usage.promptTokens))
    answerLength.add(Double(usage.completionTokens))
  }
}

/// Measures that the engine's thread writes while others read them.
final class MeasureLog: Sendable {
  private let measures: Mutex<EngineMeasures>

  init(contextLength: Int) {
    measures = Mutex(EngineMeasures(contextLength: contextLength))
  }

  /// What has been measured so far.
  var snapshot: EngineMeasures { measures.withLock { $0 } }

  /// Notes something.
  func note(_ body: (inout EngineMeasures) -> Void) { measures.withLock { body(&$0) } }
}
