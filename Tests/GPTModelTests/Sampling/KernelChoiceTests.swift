import Tensor
import TestSupport
import Testing

@testable import GPTModel

@Suite("Choosing with kernels")
struct KernelChoiceTests {
  /// Rules that leave all tokens, few or one, alone and together.
  private static let rules: [SamplingParameters] = [
    parameters { _ in }, parameters { $0.temperature = 0 }, parameters { $0.temperature = 0.2 },
    parameters { $0.temperature = 1e-30 }, parameters { $0.temperature = 1e30 },
    parameters { $0.topK = 1 }, parameters { $0.topK = 40 }, parameters { $0.topK = 999 },
    parameters { $0.topK = 1_000_000 }, parameters { $0.topP = 0 }, parameters { $0.topP = 0.1 },
    parameters { $0.topP = 0.95 }, parameters { $0.topP = 0.999_999 },
    parameters { $0.minP = 0.05 }, parameters { $0.minP = 1 },
    parameters { ($0.temperature, $0.topP) = (3, 0.5) },
    parameters { ($0.topK, $0.topP, $0.minP) = (40, 0.95, 0.05) },
    parameters { ($0.topP, $0.minP) = (0.9, 0.2) },
    parameters { $0.typicalP = 0.3 }, parameters { $0.topNSigma = 1 },
    parameters { ($0.xtcProbability, $0.xtcThreshold) = (0.5, 0.01) },
    parameters { ($0.typicalP, $0.topP, $0.topNSigma, $0.xtcProbability) = (0.9, 0.9, 2, 0.3) },
  ]

  @Test(
    "The token is the one that the plain rules choose", arguments: Processor.available, rules)
  func same(set: InstructionSet, rules: SamplingParameters) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 21)
    for count in [1, 2, 63, 64, 65, 200, 3000] {
      let logits = generator.logits(count: count)
      var quick = Sampler(vocabularySize: count, processor: processor)
      var plain = Sampler(vocabularySize: count)
      logits.withUnsafeBufferPointer { logits in
        for position in 0..<40 {
          let context = SamplingContext(choice: 1, position: position)
          let expected = plain.choose(from: logits, parameters: rules, context: context)
          let found = quick.choose(from: logits, parameters: rules, context: context)
          #expect(found == expected && found != nil, "\(count) logits, position \(position)")
        }
      }
    }
  }

  /// Bias, penalties, bans and masks of so many tokens, alone and together.
  private func changes(
    of count: Int, using generator: inout SeededGenerator
  ) -> [(SamplingParameters, SamplingContext)] {
    let plain = SamplingContext(choice: 2, position: 0)
    var counted = plain
    counted.counts = TokenCounts(prompt: (0..<20).map { _ in Token(generator.below(count)) })
    for _ in 0..<20 { counted.counts.record(Token(generator.below(count))) }
    var banned = plain
    banned.banned = (0..<min(20, count / 2)).map { _ in Token(generator.below(count)) }
    var masked = plain
    masked.mask = generator.mask(of: count)
    var all = counted
    (all.banned, all.mask) = (banned.banned, masked.mask)
    let bias = parameters {
      for (token, amount) in [(0, 3), (count / 2, 5), (count - 1, -100)] as [(Int, Float)] {
        $0.logitBias[Token(token)] = amount
      }
    }
    let penalized = parameters {
      ($0.repetitionPenalty, $0.presencePenalty, $0.frequencyPenalty) = (1.3, 0.5, 0.25)
    }
    var together = penalized
    together.logitBias = bias.logitBias
    return [
      (bias, plain), (penalized, counted), (SamplingParameters(), banned),
      (SamplingParameters(), masked), (together, all),
    ]
  }

  @Test(
    "Rules that change logits do so on both ways, whatever removes tokens after them",
    arguments: Processor.available, rules)
  func changed(set: InstructionSet, rules: SamplingParameters) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 22)
    for count in [1, 2, 63, 64, 65, 200, 3000] {
      var quick = Sampler(vocabularySize: count, processor: processor)
      var plain = Sampler(vocabularySize: count)
      let logits = generator.logits(count: count)
      for (change, context) in changes(of: count, using: &generator) {
        var chain = rules
        chain.logitBias = change.logitBias
        chain.repetitionPenalty = change.repetitionPenalty
        (chain.presencePenalty, chain.frequencyPenalty) =
          (change.presencePenalty, change.frequencyPenalty)
        logits.withUnsafeBufferPointer { logits in
          for position in 0..<12 {
            var context = context
            context.position = position
            let expected = plain.choose(from: logits, parameters: chain, context: context)
            let found = quick.choose(from: logits, parameters: chain, context: context)
            #expect(found == expected, "\(count) logits, position \(position)")
          }
        }
      }
    }
  }

  @Test(
    "A mask is as good as logits of minus infinity for all other tokens",
    arguments: Processor.available, rules)
  func masked(set: InstructionSet, rules: SamplingParameters) throws {
    let processor = try Processor(limit: set)
    var generator = SeededGenerator(seed: 23)
    for count in [1, 63, 64, 65, 129, 3000] {
      var sampler = Sampler(vocabularySize: count, processor: processor)
      let logits = generator.logits(count: count)
      for _ in 0..<6 {
        let mask = generator.mask(of: count)
        let twin = logits.indices.map { mask[Token($0)] ? logits[$0] : -.infinity }
        var masked = SamplingContext(choice: 0, position: 3)
        let expected = twin.withUnsafeBufferPointer {
          sampler.choose(from: $0, parameters: rules, context: masked)
        }
        masked.mask = mask
        let found = logits.withUnsafeBufferPointer {
          sampler.choose(from: $0, parameters: rules, context: masked)
        }
        #expect(found == expected, "\(count) logits")
        if let found { #expect(mask[found]) }
      }
    }
  }

  @Test(
    "Logits that are not finite, or leave no token, choose nothing",
    arguments: Processor.available)
  func broken(set: InstructionSet) throws {
    for strange: Float in [.nan, .infinity] {
      for place in [0, 70, 99] {
        var logits = [Float](repeating: 1, count: 100)
        logits[place] = strange
        #expect(try choose(from: logits, set) == nil)
      }
    }
    #expect(try choose(from: [Float](repeating: -.infinity, count: 100), set) == nil)
    #expect(try choose(from: [], set) == nil)
    #expect(try choose(from: [1, 2, 3], set, mask: TokenMask(count: 3)) == nil)
    // Only the logits that a mask allows are looked at.
    var some = TokenMask(count: 100)
    (some[7], some[70]) = (true, true)
    var logits = [Float](repeating: -.infinity, count: 100)
    (logits[7], logits[3], logits[71]) = (1, .nan, .infinity)
    #expect(try choose(from: logits, set, mask: some) == 7)
    for strange: Float in [.nan, .infinity] {
      logits[70] = strange
      #expect(try choose(from: logits, set, mask: some) == nil)
    }
  }

  @Test(
    "A mask goes before biases and bans: where they leave nothing of it, they do not count",
    arguments: Processor.available)
  func priority(set: InstructionSet) throws {
    var sampler = Sampler(vocabularySize: 100, processor: try Processor(limit: set))
    var context = SamplingContext(choice: 0, position: 0, mask: TokenMask(count: 100))
    for token: Token in [7, 70] { context.mask?[token] = true }
    let logits = (0..<100).map { Float($0) }
    func choose(_ parameters: SamplingParameters) -> Token? {
      logits.withUnsafeBufferPointer {
        sampler.choose(from: $0, parameters: parameters, context: context)
      }
    }
    var greedy = SamplingParameters.greedy
    #expect(choose(greedy) == 70)
    greedy.logitBias = [70: -.infinity, 99: 1000]
    #expect(choose(greedy) == 7)
    greedy.logitBias[7] = -.infinity
    #expect(choose(greedy) == 70)
    greedy.logitBias = [:]
    context.banned = [70]
    #expect(choose(greedy) == 7)
    context.banned = [70, 7]
    #expect(choose(greedy) == 70)
  }

  private func choose(
    from logits: [Float], _ set: InstructionSet, mask: TokenMask? = nil
  ) throws -> Token? {
    var sampler = Sampler(vocabularySize: 64, processor: try Processor(limit: set))
    let context = SamplingContext(choice: 0, position: 0, mask: mask)
    return logits.withUnsafeBufferPointer {
      sampler.choose(from: $0, parameters: SamplingParameters(), context: context)
    }
  }
}
