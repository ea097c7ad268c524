import GPTModel
import TestSupport

extension GenerationRequest {
  /// A request for so many sampled tokens, whatever they are, with two alternatives of each.
  static func sampled(
    _ prompt: Prompt, tokens: Int, temperature: Float = 0.8, seed: UInt64 = 5
  ) -> GenerationRequest {
    var request = GenerationRequest(prompt: prompt)
    request.sampling.temperature = temperature
    request.sampling.seed = seed
    request.stop.maximumTokens = tokens
    request.stop.atEndOfSequence = false
    request.alternatives = 2
    return request
  }
}

extension [Token] {
  /// So many tokens of the tiny vocabulary that follow from a seed.
  static func random(_ count: Int, seed: UInt64) -> [Token] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Token.random(in: 0..<320, using: &generator) }
  }
}
