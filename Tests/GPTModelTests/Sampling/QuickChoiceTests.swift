import Tensor
import TestSupport
import Testing

@testable import GPTModel

@Suite("Choosing with kernels")
struct QuickChoiceTests {
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
  }

  private func choose(from logits: [Float], _ set: InstructionSet) throws -> Token? {
    var sampler = Sampler(vocabularySize: 64, processor: try Processor(limit: set))
    let context = SamplingContext(choice: 0, position: 0)
    return logits.withUnsafeBufferPointer {
      sampler.choose(from: $0, parameters: SamplingParameters(), context: context)
    }
  }
}
