import Foundation
import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing

/// Models for vectors and scores of texts against an independent implementation in float32.
@Suite("Encoders and rerankers")
struct EncoderTests {
  private static let embedders = [
    "bert_embed", "distilbert_embed", "roberta_embed", "nomic_embed", "modernbert_embed",
    "embedding_gemma",
    "embedding_gemma_dense", "qwen3_embed",
  ].compactMap { PublishedFolder($0) }
  private static let rerankers = [
    "bert_rerank", "distilbert_rerank", "xlmr_rerank", "modernbert_rerank", "qwen3_reranker",
    "qwen3_rerank_classes",
  ].compactMap { PublishedFolder($0) }

  /// What the other implementation computed.
  struct Reference: Decodable {
    /// A query and a document.
    struct Pair: Decodable {
      let document: String
      let inputIds: [Token]
      let score: Float

      enum CodingKeys: String, CodingKey {
        case document, score
        case inputIds = "input_ids"
      }
    }

    let text: String?
    let inputIds: [Token]?
    let pooling: String?
    let embedding: [Float]?
    let query: String?
    let pairs: [Pair]?

    enum CodingKeys: String, CodingKey {
      case text, pooling, embedding, query, pairs
      case inputIds = "input_ids"
    }

    init(_ folder: PublishedFolder) throws {
      self = try JSONDecoder().decode(
        Reference.self,
        from: Data(contentsOf: URL(filePath: folder.path).appending(path: "reference.json")))
    }
  }

  private func engine(
    _ path: String, threads: Int = 2, configure: (inout EngineConfiguration) -> Void = { _ in }
  ) throws -> Engine {
    var configuration = EngineConfiguration()
    configuration.threads = threads
    configure(&configuration)
    return try Engine(model: LoadedModel.read(path: path), configuration: configuration)
  }

  @Test("Those of the checkout are there")
  func areThere() {
    #expect(Self.embedders.count >= 4 && Self.rerankers.count == 6)
  }

  @Test("The vector of a text is the reference's", arguments: embedders)
  func vectors(folder: PublishedFolder) async throws {
    let reference = try Reference(folder)
    let expected = try #require(reference.embedding)
    let tokens = try #require(reference.inputIds)
    // The GGUF file of EmbeddingGemma does not say which of so few layers have a window.
    for path in folder.name == "embedding_gemma" ? [folder.path] : folder.paths {
      let engine = try engine(path)
      let pooling = reference.pooling.flatMap { Pooling(rawValue: $0) }
      let found = try await engine.embed(tokens, pooling: pooling)
      #expect(found.count == expected.count)
      let error = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
      #expect(error < 1e-5, "\(path)")
      #expect(engine.model.embeddingWidth == expected.count)
    }
  }

  @Test(
    "A text is read as the reference reads it, and pooled as the files say", arguments: embedders)
  func texts(folder: PublishedFolder) async throws {
    let reference = try Reference(folder)
    // Those without a list of modules do not say how they are pooled, and cut their text off.
    let list = URL(filePath: folder.path).appending(path: "modules.json")
    guard FileManager.default.fileExists(atPath: list.path) else { return }
    let engine = try engine(folder.path)
    let text = try #require(reference.text)
    #expect(engine.model.textTokens(of: text) == reference.inputIds)
    let found = try await engine.embed(text)
    let error = zip(found, try #require(reference.embedding)).map { ($0 - $1).magnitude }.max()
    #expect(try #require(error) < 1e-5)
  }

  @Test("The score of a pair is the reference's", arguments: rerankers)
  func scores(folder: PublishedFolder) async throws {
    let reference = try Reference(folder)
    let query = try #require(reference.query)
    for path in folder.paths {
      let engine = try engine(path)
      for pair in try #require(reference.pairs) {
        let own = engine.model.pair(query: query, document: pair.document)
        #expect(own.tokens == pair.inputIds, "\(path)")
        let score = try await engine.score(query: query, document: pair.document)
        #expect((score - pair.score).magnitude < 1e-5, "\(path): \(score) \(pair.score)")
      }
    }
  }

  @Test(
    "The bits of a vector are the same alone and beside others, in any order, on one thread or two",
    arguments: embedders)
  func invariance(folder: PublishedFolder) async throws {
    var generator = SeededGenerator(seed: 7)
    let tokens = try #require(try Reference(folder).inputIds)
    let lengths = [1, 2, 7, 8, 9, 24, 33, 40, 47]
    let texts = lengths.map { length in
      (0..<length).map { _ in tokens.randomElement(using: &generator) ?? 0 }
    }
    let alone = try engine(folder.path, threads: 1) { $0.runningSequences = 1 }
    var expected: [[Float]] = []
    for text in texts { expected.append(try await alone.embed(text)) }
    for (rows, threads) in [(512, 1), (512, 2), (64, 2), (1, 2)] {
      let engine = try engine(folder.path, threads: threads) {
        $0.rowsPerStep = rows
        $0.runningSequences = 5
      }
      let order = texts.indices.shuffled(using: &generator)
      let streams = try order.map {
        try engine.generate(
          GenerationRequest(embedding: texts[$0], pooling: engine.model.pooling))
      }
      for (index, stream) in zip(order, streams) {
        let answer = try await Answer(stream)
        #expect(answer.prompt?.embedding == expected[index], "\(lengths[index]) in \(rows)")
        #expect(answer.summary?.usage.cachedTokens == 0 || engine.model.spec.isCausal)
      }
      await engine.drain()
      #expect(engine.status.freePages == engine.status.totalPages)
    }
  }

  @Test("A text fills the context of an encoder, and a longer one is refused with both numbers")
  func longText() async throws {
    let folder = try #require(PublishedFolder("roberta_embed"))
    let engine = try engine(folder.path) { $0.rowsPerStep = 16 }
    // Of 66 rows of positions the first two stand for none.
    #expect(engine.contextLength == 64)
    #expect(try await engine.embed([Token](repeating: 9, count: 64)).count == 32)
    await #expect(throws: EngineError.promptTooLong(tokens: 65, context: 64)) {
      try await engine.embed([Token](repeating: 9, count: 65))
    }
  }

  @Test("A prompt by name stands in front of a text")
  func prompts() async throws {
    let folder = try #require(PublishedFolder("embedding_gemma_dense"))
    let engine = try engine(folder.path)
    #expect(engine.model.prompts["query"] == "query: ")
    let named = try await engine.embed("ships", prompt: "query")
    #expect(try await engine.embed("query: ships") == named)
    #expect(try await engine.embed("ships") != named)
    await #expect(throws: ModelError.self) { try await engine.embed("ships", prompt: "answer") }
  }

  @Test("A GGUF file of a reranker without the layer before the last is refused in words")
  func truncatedReranker() throws {
    let path = try #require(PublishedFolder("bert_rerank")).filePath
    #expect {
      try LoadedModel.read(path: path)
    } throws: { error in
      let text = (error as? ModelError)?.description ?? ""
      return text.contains("cls.weight") && text.contains("llama.cpp's converter leaves it out")
    }
  }

  @Test("A document is cut from its end, so that the pair has as many tokens as wanted")
  func cutDocuments() throws {
    for name in ["bert_rerank", "xlmr_rerank", "qwen3_reranker"] {
      let model = try LoadedModel.read(path: try #require(PublishedFolder(name)).path)
      let query = "How many ships?"
      let whole = model.pair(query: query, document: "She counts twelve ships at home.")
      var limit = TextPairLimit()
      limit.tokens = whole.tokens.count - 3
      let cut = model.pair(
        query: query, document: "She counts twelve ships at home.", limit: limit)
      #expect(cut.tokens.count == whole.tokens.count - 3, "\(name)")
      #expect(cut.tokens.last == whole.tokens.last)
      limit = TextPairLimit()
      limit.documentTokens = 1
      let one = model.pair(
        query: query, document: "She counts twelve ships at home.", limit: limit)
      let none = model.pair(query: query, document: "")
      #expect(one.tokens.count == none.tokens.count + 1, "\(name)")
    }
  }

  @Test("What a model is not made for is refused")
  func tasks() async throws {
    func tasks(_ name: String) throws -> (Engine, Set<ModelTask>) {
      let engine = try engine(try #require(PublishedFolder(name)).path)
      return (engine, engine.model.tasks)
    }
    let (encoder, encodes) = try tasks("nomic_embed")
    #expect(encodes == [.embed])
    #expect(throws: EngineError.taskNotSupported(.generate)) {
      try encoder.generate(GenerationRequest(prompt: [1, 2]))
    }
    await #expect(throws: EngineError.taskNotSupported(.score)) {
      try await encoder.score(query: "a", document: "b")
    }
    let (reranker, reranks) = try tasks("bert_rerank")
    #expect(reranks == [.score])
    await #expect(throws: EngineError.taskNotSupported(.embed)) {
      try await reranker.embed([1, 2])
    }
    #expect(try tasks("qwen3_reranker").1 == [.generate, .embed, .score])
    #expect(try tasks("qwen3_rerank_classes").1 == [.score])
  }
}
