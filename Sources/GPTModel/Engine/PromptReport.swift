import Tokenizers

/// How much of a prompt was computed.
public struct PromptProgress: Sendable, Hashable {
  /// Tokens of the prompt.
  public let total: Int
  /// Tokens that were not computed again.
  public let cached: Int
  /// Tokens computed so far, the cached ones included.
  public let computed: Int
  /// Seconds since the first of them was begun.
  public let seconds: Double

  /// Creates a report.
  public init(total: Int, cached: Int, computed: Int, seconds: Double) {
    self.total = total
    self.cached = cached
    self.computed = computed
    self.seconds = seconds
  }
}

/// What a request asked to know of its prompt.
public struct PromptReport: Sendable, Hashable {
  /// The log-probability of each token but the first given those before it; empty unless asked for.
  public internal(set) var logprobs: [TokenLogprobs]
  /// The pooled states of the prompt, or what the model makes of them, of length one unless the model has
  /// it otherwise; empty unless asked for.
  public internal(set) var embedding: [Float]
  /// How well the prompt's second text answers its first, as the model judges it; nil unless asked for.
  public internal(set) var score: Float?

  /// Creates a report.
  public init(logprobs: [TokenLogprobs] = [], embedding: [Float] = [], score: Float? = nil) {
    self.logprobs = logprobs
    self.embedding = embedding
    self.score = score
  }
}

/// How the states of a prompt's positions become one vector.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  /// Their mean.
  case mean
  /// The state of the first position, which is a classification token's in models that see all of a text.
  case cls
  /// The state of the last position, which attends to all others.
  case last
}

extension GenerationRequest {
  /// Creates a request that chooses no token, and reports the pooled states of the prompt.
  public init(embedding prompt: [Token], pooling: Pooling = .mean) {
    self.init(embedding: Prompt(prompt), pooling: pooling)
  }

  /// Creates a request that chooses no token, and reports the pooled states of the prompt, which may have
  /// attachments.
  public init(embedding prompt: Prompt, pooling: Pooling = .mean) {
    self.init(prompt: prompt, sampling: .greedy, stop: StopCondition(maximumTokens: 0))
    self.pooling = pooling
  }

  /// The positions at the end of the prompt whose rows are wanted, which a cache hit would leave out.
  var outputs: Range<Int> {
    if promptAlternatives != nil || pooling == .mean || pooling == .cls { return prompt.indices }
    return pooling == .last ? (prompt.count - 1)..<prompt.count : 0..<0
  }
}
