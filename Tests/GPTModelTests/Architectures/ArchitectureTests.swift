import Evaluation
import Foundation
import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Architectures")
struct ArchitectureTests {
  /// Enough tokens to need two cache pages.
  private static let tokens: [Token] = (0..<40).map { Token(($0 * 37 + 11) % 320) }

  /// How far numbers of float32 arithmetic may be from those of float64, as a share of the largest of a
  /// vector: 32 times the rounding of one.
  ///
  /// Sums of the 64 or 128 terms here are off by some 8 times the rounding of one, the root of their
  /// number, whatever the order in which a BLAS adds; three times that is left for what they pass
  /// through. It is all that the tests of float weights allow for, because no number of their texts is
  /// so near a tie that it could be rounded to bfloat16 the other way.
  private static let noise = 0x1p-19

  private static let floats: [GGUFWeightFormat] = [.float32, .float16, .bfloat16]

  private func floatModel(
    _ format: GGUFWeightFormat, isTied: Bool = true, _ architecture: TinyArchitecture = .llama
  ) -> TinyModel {
    var tiny = TinyModel()
    (tiny.format, tiny.isTied, tiny.architecture) = (format, isTied, architecture)
    return tiny
  }

  @Test("Each architecture of the list that writes text has a tiny model")
  func isComplete() throws {
    let tested = Set(TinyArchitecture.all.flatMap { [$0.name, $0.folderName] })
    var encoders: Set<String> = []
    for encoder in Architectures.encoders { encoders.formUnion(encoder.names) }
    for architecture in Architectures.all {
      guard encoders.isDisjoint(with: architecture.names) else { continue }
      #expect(!tested.isDisjoint(with: architecture.names), "\(architecture.names)")
    }
  }

  @Test("Each architecture of the list is in the documentation, by all of its names")
  func isDocumented() throws {
    let page = Models.root.appending(path: "Documentation/Models.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    for architecture in Architectures.all {
      for name in architecture.names { #expect(text.contains("`\(name)`"), "\(name)") }
    }
  }

  @Test(
    "With float weights, every logit is that of a plain float64 forward but for noise",
    arguments: floats, [true, false])
  func agreesWithReference(format: GGUFWeightFormat, isTied: Bool) throws {
    let tiny = floatModel(format, isTied: isTied)
    let reference = try ReferenceDecoder(tiny)
    let tokens = try tokensWithoutTies(reference)
    try expectAgreement(of: tiny, with: try reference.logits(of: tokens), tokens, Self.noise)
  }

  @Test(
    "Of each architecture, every logit is that of a plain float64 forward but for noise",
    arguments: TinyArchitecture.all)
  func agreesWithReference(architecture: TinyArchitecture) throws {
    let tiny = floatModel(.float32, architecture)
    var reference = try ReferenceDecoder(tiny)
    guard architecture.layers > 3 || architecture.isMeasured else {
      let tokens = try tokensWithoutTies(reference)
      return try expectAgreement(
        of: tiny, with: try reference.logits(of: tokens), tokens, Self.noise)
    }
    // Of so many layers every text has a number near a tie, unless none is rounded.
    reference.round = nil
    let expected = try reference.logits(of: Self.tokens)
    var bound = Self.noise
    if architecture.isMeasured { bound = max(bound, 2 * (try orderError(reference, expected))) }
    try expectAgreement(of: tiny, with: expected, Self.tokens, bound, cache: .float32)
  }

  /// How far the order of sums in float32 moves logits at most, as a share of the largest.
  private func orderError(
    _ reference: ReferenceDecoder, _ exact: [[Double]]
  ) throws -> Double {
    var reference = reference
    return try ReferenceSums.all.reduce(0) { worst, sums in
      reference.sums = sums
      let found = try reference.logits(of: Self.tokens)
      return max(worst, zip(found, exact).map { worstError($0, $1) }.max() ?? 0)
    }
  }

  @Test("Heads may have any even length", arguments: [6, 24, 40])
  func headLengths(length: Int) throws {
    var tiny = floatModel(.float32)
    (tiny.width, tiny.heads, tiny.keyValueHeads) = (4 * length, 4, 2)
    var reference = try ReferenceDecoder(tiny)
    reference.round = nil
    let expected = try reference.logits(of: Self.tokens)
    try expectAgreement(of: tiny, with: expected, Self.tokens, Self.noise, cache: .float32)
  }

  private func tokensWithoutTies(
    _ reference: ReferenceDecoder
  ) throws -> [Token] {
    let tokens = reference.tokensWithoutTies(40, noise: Self.noise)
    try #require(tokens.count == 40, "each token of the vocabulary has a number near a tie")
    return tokens
  }

  @Test(
    "What a decoder could get a little wrong moves logits by far more than noise",
    arguments: Slip.all)
  func slips(slip: Slip) throws {
    var reference = try ReferenceDecoder(floatModel(.float32))
    let tokens = try tokensWithoutTies(reference)
    let logits = try reference.logits(of: tokens)
    slip.make(&reference)
    let moved = zip(try reference.logits(of: tokens), logits).map(worstError).max() ?? 0
    #expect(moved > 8 * Self.noise)
  }

  /// A mistake that would not show at a glance.
  struct Slip: Sendable, CustomStringConvertible {
    /// What is wrong.
    let description: String
    /// Makes the mistake.
    let make: @Sendable (inout ReferenceDecoder) -> Void

    /// The least that a decoder might get wrong of each kind.
    static let all = [
      Slip(description: "epsilon") { reference in
        for layer in reference.spec.layers.indices {
          reference.spec.layers[layer].norm.epsilon = 1e-6
        }
      },
      attention("base of the angles") { $0.rotary?.base = 10_010 },
      attention("scale of scores") { $0.scale *= 1.001 },
      attention("one position unseen") { $0.window = 39 },
      attention("scores capped") { $0.softCap = 20 },
      Slip(description: "activation") { reference in
        for layer in reference.spec.layers.indices {
          reference.spec.layers[layer].feedForward?.activation = .geluTanh
        }
      },
      Slip(description: "weights of attention not rounded") { $0.roundsWeights = false },
    ]

    private static func attention(
      _ description: String, _ change: @escaping @Sendable (inout AttentionSpec) -> Void
    ) -> Slip {
      Slip(description: description) { reference in
        for layer in reference.spec.layers.indices {
          guard var attention = reference.spec.layers[layer].attention else { continue }
          change(&attention)
          reference.spec.layers[layer].attention = attention
        }
      }
    }
  }

  @Test(
    "With quantized weights, every logit is within a thousandth of a plain float64 forward",
    arguments: GGUFWeightFormat.allCases.filter { !floats.contains($0) }, [true, false])
  func agreesQuantized(format: GGUFWeightFormat, isTied: Bool) throws {
    var tiny = TinyModel()
    tiny.format = format
    tiny.isTied = isTied
    // A number halfway between two of 15 bits may be rounded either way, and there are too many to
    // avoid; the more there are, the more that moves. 64 is the width of models whose formats do not
    // widen them. No BLAS takes part: the kernels give the same bits on every processor.
    let bound = 1e-3 * Double(tiny.width) / 64
    let expected = try ReferenceDecoder(tiny).logits(of: Self.tokens)
    try expectAgreement(of: tiny, with: expected, Self.tokens, bound)
  }

  private func expectAgreement(
    of tiny: TinyModel, with expected: [[Double]], _ tokens: [Token], _ bound: Double,
    cache: CacheFormat = .bfloat16
  ) throws {
    let model = try LoadedModel.read(from: tiny.source())
    for instructionSet in Processor.available {
      var configuration = EngineConfiguration()
      configuration.instructionSet = instructionSet
      configuration.threads = 2
      // What the reference rounds to.
      configuration.cacheFormat = cache
      let worst = try worstError(model, configuration, tokens, expected)
      #expect(worst <= bound, "\(instructionSet): \(worst) of the largest logit")
    }
  }

  private func worstError(
    _ model: LoadedModel, _ configuration: EngineConfiguration, _ tokens: [Token],
    _ expected: [[Double]]
  ) throws -> Double {
    var worst = 0.0
    var rows = 0
    let scorer = try Scorer(model: model, configuration: configuration)
    try scorer.logits(of: tokens, at: 0..<tokens.count) { position, logits in
      worst = max(worst, worstError(logits.map(Double.init), expected[position]))
      rows += 1
    }
    return rows == expected.count ? worst : .infinity
  }

  /// The largest error of a row, as a share of the largest logit.
  private func worstError(_ row: [Double], _ expected: [Double]) -> Double {
    let largest = expected.map(\.magnitude).max() ?? 1
    return zip(row, expected).reduce(0) { worst, pair in
      let error = (pair.0 - pair.1).magnitude / largest
      return error.isNaN ? .infinity : max(worst, error)
    }
  }

  @Test(
    "Steps of any size and any number of threads give the same bits, on every instruction set",
    arguments: TinyArchitecture.all)
  func chunking(architecture: TinyArchitecture) throws {
    let model = try Models.tiny {
      $0.format = .fourBitWithMinimum
      $0.architecture = architecture
    }
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
