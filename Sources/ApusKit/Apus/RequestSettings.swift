extension ApusLanguageModel {
  /// What `GenerationOptions` has no word for; what is left as it is the model's files decide.
  public struct RequestSettings: Sendable {
    /// Names the chances; nil draws a seed for each request, which the report tells.
    public var seed: UInt64?
    /// Keeps tokens at least this fraction as likely as the likeliest.
    public var minP: Float = 0
    /// Divides the logits of tokens that were there before.
    public var repetitionPenalty: Float = 1
    /// Is subtracted once from the logits of tokens of the answer.
    public var presencePenalty: Float = 0
    /// Is subtracted from a logit for each time that its token is in the answer.
    public var frequencyPenalty: Float = 0
    /// Is added to the logits of tokens.
    public var logitBias: [Token: Float] = [:]
    /// Texts that end the answer and are no part of it.
    public var stop: [String] = []
    /// On whose account requests run: clients take turns, and share nothing.
    public var client = ""
    /// Lower goes first.
    public var priority = 0
    /// Requests of unequal salts share no computed prompts.
    public var cacheSalt = ""
    /// How long a request may wait for its first step; nil for as long as it takes.
    public var longestWait: Duration?
    /// Rules of one's own, in their order: after penalties and before temperature.
    public var processors: [any LogitProcessor] = []
    /// A chat template in place of the file's; special tokens that it was not made with are the vocabulary's.
    public var template: ChatTemplate?
    /// How many of the likeliest tokens the report has for each token; nil for none.
    public var alternatives: Int?

    /// Creates settings that leave all to the model.
    public init() {}
  }
}

extension ApusLanguageModel.RequestSettings {
  /// How tokens are chosen.
  ///
  /// - Parameters:
  ///   - usual: How the model's files say.
  ///   - options: What was asked for with the prompt.
  func sampling(
    _ usual: SamplingParameters, _ options: GenerationOptions
  ) -> SamplingParameters {
    var sampling = usual
    if let temperature = options.temperature { sampling.temperature = Float(temperature) }
    var seed = seed
    switch options.samplingMode?.kind {
    case nil: break
    case .greedy?: sampling.temperature = 0
    case .randomTopK(let count, let own)?:
      (sampling.topK, sampling.topP) = (max(1, count), 1)
      seed = own ?? seed
    case .randomProbabilityThreshold(let probability, let own)?:
      (sampling.topK, sampling.topP) = (0, Float(min(1, max(0, probability))))
      seed = own ?? seed
    }
    sampling.seed = seed ?? .random(in: .min ... .max)
    if minP != 0 { sampling.minP = minP }
    if repetitionPenalty != 1 { sampling.repetitionPenalty = repetitionPenalty }
    if presencePenalty != 0 { sampling.presencePenalty = presencePenalty }
    if frequencyPenalty != 0 { sampling.frequencyPenalty = frequencyPenalty }
    sampling.logitBias = logitBias
    return sampling
  }

  /// On whose account requests run.
  var terms: RequestTerms {
    var terms = RequestTerms()
    (terms.client, terms.priority, terms.cacheSalt) = (client, priority, cacheSalt)
    terms.longestWait = longestWait.map { $0 / .seconds(1) }
    return terms
  }
}
