import Tokenizers

/// What a generation reports: what was asked about its prompt, each token as it is chosen, and at last
/// how it ended.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum GenerationEvent: Sendable, Hashable {
  /// A part of the prompt was computed; comes before all others, where the request asks for it.
  case progress(PromptProgress)
  /// The prompt was computed; comes first, where the request asks for it.
  case prompt(PromptReport)
  /// A token was chosen.
  case token(GeneratedToken)
  /// The generation ended; nothing follows.
  case finished(GenerationSummary)
}

extension GenerationEvent {
  /// Whether it tells of the prompt, and is no part of the answer.
  package var isAboutPrompt: Bool {
    switch self {
    case .progress, .prompt: true
    case .token, .finished: false
    }
  }
}

/// A chosen token and the text that became certain with it.
public struct GeneratedToken: Sendable, Hashable {
  /// The token.
  public let token: Token
  /// Text ready to show: empty while a character is incomplete or a stop string may have begun.
  public let text: String
  /// The token's log-probability and the best alternatives, where the request asked for them.
  public let logprobs: TokenLogprobs?

  /// Creates the report of a token.
  public init(token: Token, text: String, logprobs: TokenLogprobs? = nil) {
    self.token = token
    self.text = text
    self.logprobs = logprobs
  }
}

/// Natural logarithms of probabilities under the model's logits, which no bias, penalty, temperature or
/// constraint changed.
public struct TokenLogprobs: Sendable, Hashable {
  /// A token and its log-probability.
  public struct Entry: Sendable, Hashable {
    public let token: Token
    public let logprob: Float

    public init(token: Token, logprob: Float) {
      self.token = token
      self.logprob = logprob
    }
  }

  /// The chosen token.
  public let chosen: Entry
  /// The most likely tokens, descending, as many as the request asked for.
  public let alternatives: [Entry]
  /// The place of the chosen token among all, 1 for the most likely; nil where nobody asked.
  public let rank: Int?

  public init(chosen: Entry, alternatives: [Entry], rank: Int? = nil) {
    self.chosen = chosen
    self.alternatives = alternatives
    self.rank = rank
  }
}

/// How a generation ended.
public struct GenerationSummary: Sendable, Hashable {
  /// Why a generation ended.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Reason: Sendable, Hashable {
    /// The model ended its answer, a stop token was chosen, or the constraint lets nothing follow.
    case stop
    /// A stop string appeared.
    case stopString(String)
    /// The token limit or the end of the context was reached.
    case length
  }

  /// Why it ended.
  public let reason: Reason
  /// Text withheld until now that turned out to belong to the answer.
  public let text: String
  /// The report on the end of sequence or stop token that was chosen last, where the request asked for
  /// reports: such a token has no event of its own.
  public var endLogprobs: TokenLogprobs?
  /// What was processed.
  public let usage: Usage
  /// How long it took.
  public package(set) var times: GenerationTimes
  /// The end of sequence or stop token that ended it, which is never reported as a token.
  public var endToken: Token?
  /// What tokens were drawn with, drawn itself where the request named none; nil where no token was drawn.
  public var seed: UInt64?

  public init(
    reason: Reason, text: String, usage: Usage, times: GenerationTimes = GenerationTimes()
  ) {
    self.reason = reason
    self.text = text
    self.usage = usage
    self.times = times
  }
}

/// Tokens that one generation processed.
public struct Usage: Sendable, Hashable {
  /// Tokens of the prompt, the cached ones included.
  public var promptTokens: Int
  /// Tokens of the prompt that were not computed again.
  public var cachedTokens: Int
  /// Tokens chosen, an end of sequence included.
  public var completionTokens: Int
  /// Tokens chosen that are what the model thought, where somebody has told the two apart.
  public var reasoningTokens = 0
  /// Tokens chosen that had been drafted, so that they took no step of their own.
  public var acceptedDraftTokens = 0
  /// Tokens that were drafted and computed in vain; none is among those chosen.
  public var rejectedDraftTokens = 0

  public init(promptTokens: Int, cachedTokens: Int = 0, completionTokens: Int = 0) {
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.completionTokens = completionTokens
  }
}
