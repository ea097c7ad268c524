import Evaluation
import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing

/// What the article "Adding an architecture" says: a description is all that it takes.
@Suite("A new architecture is a description")
struct NewArchitectureTests {
  private static let architectures: [any Architecture.Type] = [Sparrow.self]

  /// A model of the family with random weights, of three layers, one of which sees all positions.
  private static let tiny = {
    var architecture = TinyArchitecture("sparrow")
    architecture.placement = .sandwich
    architecture.layers = 3
    architecture.naming = Sparrow.naming
    architecture.entries = [
      ("attention.sliding_window", .uint32(16)), ("final_logit_softcapping", .float32(3)),
    ]
    architecture.members = [("sliding_window", 16), ("final_logit_softcapping", 3)]
    var tiny = TinyModel()
    (tiny.format, tiny.architecture) = (.float32, architecture)
    return tiny
  }()

  /// The logits of every position, [C, V].
  private func logits(_ source: any ModelSource, of tokens: [Token]) throws -> [[Float]] {
    var options = LoadedModel.LoadingOptions()
    options.architectures = Self.architectures
    let model = try LoadedModel.read(from: source, options: options)
    var configuration = EngineConfiguration()
    configuration.threads = 2
    // What the reference rounds to.
    configuration.cacheFormat = .bfloat16
    var rows: [[Float]] = []
    let scorer = try Scorer(model: model, configuration: configuration)
    try scorer.logits(of: tokens, at: 0..<tokens.count) { _, logits in rows.append(Array(logits)) }
    return rows
  }

  private func file() throws -> any ModelSource {
    try GGUFSource(MemorySource(Self.tiny.bytes()))
  }

  @Test("Every logit is that of a plain float64 forward of the same description")
  func agreesWithReference() throws {
    let reference = try ReferenceDecoder(file(), among: Self.architectures)
    // 32 times the rounding of float32, as for the architectures of the list.
    let noise = 0x1p-19
    let tokens = reference.tokensWithoutTies(40, noise: noise)
    #expect(tokens.count == 40)
    let expected = try reference.logits(of: tokens)
    let found = try logits(file(), of: tokens)
    #expect(found.map(\.count) == expected.map(\.count))
    for (row, exact) in zip(found, expected) {
      let bound = noise * (exact.map(\.magnitude).max() ?? 0)
      #expect(zip(row, exact).allSatisfy { (Double($0) - $1).magnitude <= bound })
    }
  }

  @Test("A folder with the family's own names has the logits of the GGUF file, bit for bit")
  func folder() throws {
    let tokens: [Token] = (0..<40).map { Token(($0 * 37 + 11) % 320) }
    let folder = Self.tiny.folder()
    #expect(folder.shards[0].tensors.contains { $0.name == "model.layers.0.mlp_post_norm.weight" })
    #expect(try logits(FolderSource(folder.folder()), of: tokens) == logits(file(), of: tokens))
  }

  @Test("A model of a family that is not listed is refused by its name")
  func refused() throws {
    #expect {
      try LoadedModel.read(from: try file())
    } throws: { error in
      (error as? ModelError)?.description.contains("'sparrow' is not one of") == true
    }
  }
}
