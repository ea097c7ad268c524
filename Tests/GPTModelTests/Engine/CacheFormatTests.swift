import Evaluation
import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Cache formats")
struct CacheFormatTests {
  /// Enough tokens to need three cache pages.
  private static let tokens: [Token] = (0..<90).map { Token(($0 * 53 + 7) % 320) }

  /// The logits of all positions, one after the other.
  private func logits(
    _ model: LoadedModel, _ change: (inout EngineConfiguration) -> Void
  ) throws -> [Float] {
    var configuration = EngineConfiguration()
    configuration.threads = 2
    change(&configuration)
    var result: [Float] = []
    let scorer = try Scorer(model: model, configuration: configuration)
    try scorer.logits(of: Self.tokens, at: 0..<Self.tokens.count) { result += $1 }
    return result
  }

  @Test("An int8 cache moves logits by less than two hundredths of the largest, but moves them")
  func closeness() throws {
    let model = try Models.tiny()
    let exact = try logits(model) { $0.cacheFormat = .bfloat16 }
    let found = try logits(model) { $0.cacheFormat = .int8 }
    let largest = exact.map(\.magnitude).max() ?? 0
    let worst = zip(exact, found).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(worst / largest < 0.02)
    #expect(worst > 0)
    #expect(found.count == exact.count && found.allSatisfy(\.isFinite))
  }

  @Test("Weights of float32 have a cache of float32, others one of bfloat16, unless told otherwise")
  func defaultFormat() throws {
    for (weights, expected) in [
      (GGUFWeightFormat.float32, CacheFormat.float32), (.eightBit, .bfloat16),
    ] {
      let model = try Models.tiny { $0.format = weights }
      #expect(try Engine(model: model).cacheFormat == expected)
      var configuration = EngineConfiguration()
      configuration.cacheFormat = .int8
      #expect(try Engine(model: model, configuration: configuration).cacheFormat == .int8)
    }
  }

  @Test(
    "Steps of any size and any number of threads give the same bits, on every instruction set",
    arguments: CacheFormat.allCases)
  func chunking(format: CacheFormat) throws {
    let model = try Models.tiny()
    var seen: Set<[UInt32]> = []
    for instructionSet in Processor.available {
      for (threads, rows) in [(1, 1), (1, 90), (2, 7), (3, 40)] {
        let found = try logits(model) {
          $0.cacheFormat = format
          $0.instructionSet = instructionSet
          $0.threads = threads
          $0.rowsPerStep = rows
        }
        seen.insert(found.map(\.bitPattern))
      }
    }
    #expect(seen.count == 1)
  }
}
