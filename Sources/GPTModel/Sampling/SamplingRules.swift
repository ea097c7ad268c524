/// A rule that changes logits before any token is removed.
protocol LogitsProcessor: Sendable {
  /// Whether it changes any here; logits that no rule changes are not copied.
  func changesLogits(_ parameters: SamplingParameters, _ context: SamplingContext) -> Bool

  /// Changes logits; every token is a candidate.
  func apply(
    to candidates: Candidates, _ parameters: SamplingParameters, _ context: SamplingContext)
}

/// A rule that removes tokens, or gives those left their weights.
protocol Truncation: Sendable {
  /// Whether it removes any of so many tokens.
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool

  /// Removes tokens; does nothing where the parameters ask for nothing.
  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext)

  /// A logit below which it keeps no token, where it is the first to remove any: kernels find the tokens
  /// that reach it, and the rule looks at those only. Minus infinity, as by default, keeps all.
  func floor(
    of logits: UnsafeBufferPointer<Float>, _ candidates: inout Candidates,
    _ parameters: SamplingParameters
  ) -> Float
}

extension Truncation {
  func floor(
    of logits: UnsafeBufferPointer<Float>, _ candidates: inout Candidates,
    _ parameters: SamplingParameters
  ) -> Float {
    -.infinity
  }
}

/// All sampling rules, in their order: the one place that lists them.
enum SamplingRules {
  /// What changes logits.
  static let processors: [any LogitsProcessor] = [
    LogitBias(), RepetitionPenalty(), OccurrencePenalties(), RunPenalty(), BannedTokens(),
  ]

  /// What removes tokens. To divide by the temperature keeps their order, so top-k goes first, and fewer
  /// are weighed.
  static let truncations: [any Truncation] = [
    TopNSigma(), TopK(), Temperature(), TypicalP(), TopP(), MinP(), ExcludedTopChoices(),
  ]
}

extension Candidates {
  /// Whether a rule changes logits.
  static func areChanged(by parameters: SamplingParameters, in context: SamplingContext) -> Bool {
    context.processing != nil
      || SamplingRules.processors.contains { $0.changesLogits(parameters, context) }
  }

  /// Applies the rules that change logits; every token is a candidate.
  func changeLogits(by parameters: SamplingParameters, in context: SamplingContext) {
    for rule in SamplingRules.processors where rule.changesLogits(parameters, context) {
      rule.apply(to: self, parameters, context)
    }
    if let processing = context.processing { apply(processing) }
  }

  /// Applies the rules that remove tokens.
  mutating func truncate(by parameters: SamplingParameters, in context: SamplingContext) {
    for rule in SamplingRules.truncations { rule.apply(to: &self, parameters, context) }
  }
}
