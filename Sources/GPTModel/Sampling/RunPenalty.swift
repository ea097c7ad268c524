import Tokenizers

/// How much less likely tokens become that would continue a run of tokens which was there before.
///
/// Known as DRY, "don't repeat yourself": a token that would make a repeated run of n tokens longer loses
/// multiplier · base^(n - allowedLength) of its logit, where n is at least the allowed length.
public struct RunPenaltyParameters: Sendable, Hashable {
  /// The penalty for the shortest run that has one; 0 is off.
  public var multiplier: Float = 0
  /// By how much each further token of a run multiplies the penalty; at least 1.
  public var base: Float = 1.75
  /// The tokens of the shortest run whose continuation has a penalty; at least 1.
  public var allowedLength = 2
  /// How many tokens at the end are looked at; nil for all.
  public var window: Int?
  /// No run reaches beyond a token whose text has one of these.
  public var breakers: [String] = ["\n", ":", "\"", "*"]

  /// Creates parameters that are off.
  public init() {}

  /// Whether tokens have such penalties.
  package var isOn: Bool { multiplier > 0 && window != 0 }
}

/// Makes tokens less likely that would continue a repeated run.
struct RunPenalty: LogitsProcessor {
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool {
    parameters.runPenalty.isOn && !context.continuations.isEmpty
  }

  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    candidates.penalizeContinuations(context.continuations, by: parameters.runPenalty)
  }
}

extension Candidates {
  /// Lowers the logits of tokens by the runs that they would continue.
  ///
  /// - Parameter continuations: The length of the longest run that each token would continue.
  func penalizeContinuations(_ continuations: [Token: Int], by parameters: RunPenaltyParameters) {
    for (token, length) in continuations where length >= parameters.allowedLength {
      var penalty = parameters.multiplier
      // Products instead of a power, whose bits differ from one mathematical library to another.
      for _ in parameters.allowedLength..<length where penalty < .greatestFiniteMagnitude {
        penalty = min(penalty * parameters.base, .greatestFiniteMagnitude)
      }
      changeLogit(of: token) { $0 - penalty }
    }
  }
}
