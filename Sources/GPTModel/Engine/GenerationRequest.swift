import Tokenizers

/// A valid request to continue a prompt.
public struct GenerationRequest: Sendable {
  /// The prompt, at least one token, shorter than the model's context.
  public var prompt: Prompt
  /// How tokens are chosen.
  public var sampling: SamplingParameters
  /// When to stop.
  public var stop: StopCondition
  /// What form the answer must have, tokens that are `answered` included; nil for any.
  public var constraint: (any TokenConstraint)?
  /// Rules of one's own that change logits, in their order: after biases and penalties, before temperature.
  /// A fork begins with them as they are here.
  public var processors: [any LogitProcessor] = []
  /// Which of several answers to the same prompt this is; part of the random sequence's name.
  public var choice: Int
  /// How many alternatives to report for each token with its log-probability; nil for no report.
  public var alternatives: Int?

  /// Whether control tokens that are chosen show in the text by their names.
  public var showsControlTokens = false

  /// How many tokens at the end of the prompt are the beginning of the answer: they count for penalties,
  /// stop strings and limits of the answer, and are not reported again.
  public var answered = 0

  /// Tokens that the answer is expected to be like, from which it is drafted where the engine drafts tokens;
  /// they change nothing but time.
  public var predicted: [Token] = []

  /// Whether each step that computes a part of the prompt, but not its last, is reported.
  public var reportsProgress = false

  /// The name of the engine's adapter that changes the model for this request; nil for the model as it is.
  public var adapter: String?

  /// On whose account it runs, and how urgently.
  public var terms = RequestTerms()

  /// How many alternatives to report for each token of the prompt but the first, with its
  /// log-probability; nil for no report. The prompt is then computed whole, whatever is cached.
  public var promptAlternatives: Int?
  /// How the states of the prompt are reported as one vector; nil for no report.
  public var pooling: Pooling?
  /// Whether what is pooled is reported as a score, and not as a vector.
  public var isScored = false
  /// Where the second of two texts begins in the prompt; nil for one text.
  public var secondText: Int?

  /// Creates a request to continue tokens.
  public init(
    prompt: [Token], sampling: SamplingParameters = SamplingParameters(),
    stop: StopCondition = StopCondition(), choice: Int = 0, alternatives: Int? = nil
  ) {
    self.init(
      prompt: Prompt(prompt), sampling: sampling, stop: stop, choice: choice,
      alternatives: alternatives)
  }

  /// Creates a request to continue a prompt, which may have attachments.
  public init(
    prompt: Prompt, sampling: SamplingParameters = SamplingParameters(),
    stop: StopCondition = StopCondition(), choice: Int = 0, alternatives: Int? = nil
  ) {
    self.prompt = prompt
    self.sampling = sampling
    self.stop = stop
    self.choice = choice
    self.alternatives = alternatives
  }
}
