/// Removes at times the most likely tokens, all but the last that is likely enough: "exclude top choices",
/// by which an answer leaves the beaten track.
///
/// Whether it does so at a position is drawn by the request's seed, apart from the draw of the token.
struct ExcludedTopChoices: Truncation {
  func removesTokens(_ parameters: SamplingParameters, of count: Int) -> Bool {
    // No two tokens can each have more than a half.
    parameters.xtcProbability > 0 && parameters.xtcThreshold <= 0.5
  }

  func apply(
    to candidates: inout Candidates, _ parameters: SamplingParameters, _ context: SamplingContext
  ) {
    guard removesTokens(parameters, of: candidates.count) else { return }
    let drawn = context.fraction(seed: (parameters.seed ?? 0) ^ Self.stream)
    guard drawn < Double(parameters.xtcProbability) else { return }
    candidates.excludeTopChoices(threshold: parameters.xtcThreshold)
  }

  /// Makes a seed that of a random sequence of its own: the letters "excluded".
  private static let stream: UInt64 = 0x6578_636C_7564_6564
}

extension Candidates {
  /// Removes all tokens at least so probable but the least likely of them; fewer than two stay.
  mutating func excludeTopChoices(threshold: Float) {
    // An impossible token is no choice.
    let limit = max(Double(threshold) * mass, Double(Float.leastNonzeroMagnitude))
    var (choices, lowest) = (0, UInt64.max)
    for index in 0..<count where Double(weights[index]) >= limit {
      choices &+= 1
      lowest = min(lowest, Rank(logit: logits[index], index: index).bits)
    }
    guard choices > 1 else { return }
    let last = Rank(bits: lowest).index
    keep { [weights] in $0 == last || Double(weights[$0]) < limit }
  }
}
