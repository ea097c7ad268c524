import ArgumentParser
import ModelFiles

/// How tokens are chosen where a request does not say it.
struct UsualSamplingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Randomness where a request does not say it, from 0 to 2.",
      discussion: "By default what the model's files say, else 1."))
  var temperature: Double?

  @Option(
    help: "The probability of the tokens that are kept, where a request does not say it.")
  var topP: Double?

  @Option(help: "The most likely tokens that are kept, where a request does not say it; 0 for all.")
  var topK: Int?

  @Option(
    help:
      "The least probability that is kept, as a share of the greatest, where a request is silent.")
  var minP: Double?

  @Option(help: "What divides the logits of tokens that were there, where a request is silent.")
  var repetitionPenalty: Double?

  func validate() throws {
    try check(temperature, in: 0...2, "--temperature")
    try check(topP, in: 0...1, "--top-p")
    try check(minP, in: 0...1, "--min-p")
    if let repetitionPenalty, !(repetitionPenalty > 0 && repetitionPenalty <= 100) {
      throw ValidationError("--repetition-penalty must be above 0 and at most 100.")
    }
    if let topK, topK < 0 { throw ValidationError("--top-k must not be negative.") }
  }

  private func check(_ value: Double?, in range: ClosedRange<Double>, _ name: String) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(name) must be from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \(value).")
  }

  /// The values that are given.
  var defaults: SamplingDefaults {
    var defaults = SamplingDefaults()
    (defaults.temperature, defaults.topP, defaults.minP) = (temperature, topP, minP)
    (defaults.topK, defaults.repetitionPenalty) = (topK, repetitionPenalty)
    return defaults
  }
}
