import Evaluation
import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Llama")
struct LlamaTests {
  /// Enough tokens to need two cache pages.
  private static let tokens: [Token] = (0..<40).map { Token(($0 * 37 + 11) % 320) }

  @Test(
    "Every logit is within a thousandth of a plain float64 forward, more in wide models",
    arguments: GGUFWeightFormat.allCases, [true, false])
  func agreesWithReference(format: GGUFWeightFormat, isTied: Bool) throws {
    var tiny = TinyModel()
    tiny.format = format
    tiny.isTied = isTied
    // A number halfway between two that bfloat16 has may be rounded either way; the more numbers are
    // rounded, the more logits that moves. 64 is the width of models whose formats do not widen them.
    let bound = 1e-3 * Double(tiny.width) / 64
    let expected = try ReferenceLlama(tiny).logits(of: Self.tokens)
    let model = try LanguageModel.load(source: MemorySource(tiny.bytes()))
    for instructionSet in Processor.available {
      var configuration = EngineConfiguration()
      configuration.instructionSet = instructionSet
      configuration.threads = 2
      let worst = try worstError(model, configuration, expected)
      #expect(worst <= bound, "\(instructionSet): \(worst) of the largest logit")
    }
  }

  private func worstError(
    _ model: LanguageModel, _ configuration: EngineConfiguration, _ expected: [[Double]]
  ) throws -> Double {
    var worst = 0.0
    var rows = 0
    let scorer = try Scorer(model: model, configuration: configuration)
    try scorer.logits(of: Self.tokens, at: 0..<Self.tokens.count) { position, logits in
      let largest = expected[position].map(\.magnitude).max() ?? 1
      for (found, wanted) in zip(logits, expected[position]) {
        let error = (Double(found) - wanted).magnitude / largest
        worst = error.isNaN ? .infinity : max(worst, error)
      }
      rows += 1
    }
    return rows == expected.count ? worst : .infinity
  }

  @Test("Steps of any size and any number of threads give the same bits, on every instruction set")
  func chunking() throws {
    let model = try Models.tiny { $0.format = .fourBitWithMinimum }
    var seen: Set<[UInt32]> = []
    for instructionSet in Processor.available {
      for (threads, rows) in [(1, 1), (1, 7), (2, 16), (2, 64), (3, 40)] {
        var configuration = EngineConfiguration()
        configuration.instructionSet = instructionSet
        configuration.threads = threads
        configuration.rowsPerStep = rows
        var bits: [UInt32] = []
        let scorer = try Scorer(model: model, configuration: configuration)
        try scorer.logits(of: Self.tokens, at: 39..<40) { _, logits in
          bits = logits.map(\.bitPattern)
        }
        seen.insert(bits)
      }
    }
    #expect(seen.count == 1)
    #expect(seen.first?.count == 320)
  }

  @Test("A text that is empty, too long or has unknown tokens is refused")
  func refusals() throws {
    let scorer = try Scorer(model: try Models.tiny())
    for tokens in [[], Array(repeating: 1, count: 257), [320], [-1]] as [[Token]] {
      #expect(throws: EngineError.self) { try scorer.logits(of: tokens, at: 0..<1) { _, _ in } }
    }
  }
}
