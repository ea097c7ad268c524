import Tokenizers

/// How the next token is chosen from the logits.
///
/// The rules are applied in this order: bias, penalties, top-n-sigma, top-k, temperature, typical-p, top-p,
/// min-p, excluded top choices.
public struct SamplingParameters: Sendable, Hashable {
  /// Added to the logit of each token named.
  public var logitBias: [Token: Float] = [:]
  /// Divides positive and multiplies negative logits of tokens seen; 1 is off.
  public var repetitionPenalty: Float = 1
  /// Subtracted once from the logit of each token generated so far; 0 is off.
  public var presencePenalty: Float = 0
  /// Subtracted from a token's logit for each time it was generated; 0 is off.
  public var frequencyPenalty: Float = 0
  /// Is subtracted from the logits of tokens that continue a repeated run.
  public var runPenalty = RunPenaltyParameters()
  /// Keeps tokens so many standard deviations of the logits below the greatest; 0 is off.
  public var topNSigma: Float = 0
  /// Divides the logits; 0 takes the most likely token.
  public var temperature: Float = 1
  /// Keeps the k most likely tokens; 0 is off.
  public var topK = 0
  /// Keeps the fewest tokens of about average surprise whose probabilities sum to at least this; 1 is off.
  public var typicalP: Float = 1
  /// Keeps the fewest tokens whose probabilities sum to at least this; 1 is off.
  public var topP: Float = 1
  /// Keeps tokens at least this fraction as likely as the most likely one; 0 is off.
  public var minP: Float = 0
  /// How often the most likely tokens are excluded; 0 is off.
  public var xtcProbability: Float = 0
  /// How probable tokens must be to be excluded, of which the least likely one stays; above 0.5 is off.
  public var xtcThreshold: Float = 0.1
  /// Names the random sequence: the same seed, choice and position give the same draw. Nil for one that
  /// the engine draws, and reports.
  public var seed: UInt64?

  /// Creates parameters that sample from the model's own distribution.
  public init() {}

  /// Draws a seed, unless there is one or no token will be drawn.
  mutating func drawSeed() {
    if seed == nil, !takesMostLikely { seed = .random(in: .min ... .max) }
  }

  /// Keeps the most likely tokens that have a probability together; 0 takes the most likely one.
  package mutating func keep(upTo probability: Float) {
    if probability == 0 { (temperature, topP) = (0, 1) } else { topP = probability }
  }

  /// Parameters that always take the most likely token.
  public static var greedy: SamplingParameters {
    var parameters = SamplingParameters()
    parameters.temperature = 0
    return parameters
  }
}
