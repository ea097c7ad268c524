import Evaluation
import Foundation
import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing

/// Adapters of low rank: against what PEFT computes, and beside each other in one batch.
@Suite("Adapters")
struct AdapterTests {
  /// An adapter that PEFT made, for a tiny model.
  struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let folder: String

    var testDescription: String { name }
    var path: String { AdapterTests.folder.appending(path: name).path }

    func model() throws -> PublishedFolder { try #require(PublishedFolder(folder)) }

    /// Logits of every position, by PEFT, [C, V].
    func logits(count: Int) throws -> [[Float]] {
      let data = try Data(
        contentsOf: AdapterTests.folder.appending(path: "\(name)/logits.safetensors"))
      let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let values = data.dropFirst(8 + length).withUnsafeBytes {
        Array($0.bindMemory(to: Float.self))
      }
      let columns = values.count / count
      return stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
    }
  }

  static let folder = Models.root.appending(path: "Tests/Goldens/adapters")
  static let goldens = [
    Golden(name: "llama_all", folder: "llama_gqa_tied"),
    Golden(name: "llama_attention", folder: "llama_gqa_tied"),
    Golden(name: "phi3_fused", folder: "phi3"), Golden(name: "gpt2_columns", folder: "gpt2"),
  ]

  @Test(
    "Every logit is PEFT's, whatever files the model and the adapter are in", arguments: goldens)
  func logits(golden: Golden) throws {
    let published = try golden.model()
    let tokens = try published.reference().inputIds
    let expected = try golden.logits(count: tokens.count)
    let file = "\(golden.path)/adapter.gguf"
    let adapters = [golden.path] + (FileManager.default.fileExists(atPath: file) ? [file] : [])
    for path in published.paths {
      let model = try LoadedModel.read(path: path)
      for adapter in adapters {
        let found = try Self.logits(of: tokens, model, LoadedAdapter(path: adapter, for: model))
        #expect(Self.worstError(found, expected) < 2e-5, "\(adapter) on \(path)")
      }
    }
  }

  private static func logits(
    of tokens: [Token], _ model: LoadedModel, _ adapter: LoadedAdapter
  ) throws -> [[Float]] {
    var configuration = EngineConfiguration()
    configuration.cacheFormat = .float32
    configuration.adapters = [adapter]
    var found: [[Float]] = []
    try Scorer(model: model, configuration: configuration)
      .logits(of: tokens, at: 0..<tokens.count) { found.append(Array($1)) }
    return found
  }

  /// The greatest error of a logit, as a share of the largest of all.
  private static func worstError(_ found: [[Float]], _ expected: [[Float]]) -> Float {
    guard found.map(\.count) == expected.map(\.count) else { return .infinity }
    let largest = expected.joined().map(\.magnitude).max() ?? 1
    let errors = zip(found.joined(), expected.joined()).map { ($0 - $1).magnitude / largest }
    return errors.contains { $0.isNaN } ? .infinity : errors.max() ?? .infinity
  }

  /// An engine with two adapters for one model.
  private static func engine(threads: Int = 2) throws -> Engine {
    let model = try LoadedModel.read(path: try #require(PublishedFolder("llama_gqa_tied")).path)
    var configuration = EngineConfiguration()
    configuration.threads = threads
    configuration.adapters = try goldens.prefix(2).map {
      try LoadedAdapter(path: $0.path, for: model)
    }
    return try Engine(model: model, configuration: configuration)
  }

  private static func request(_ adapter: String?, prompt: [Token]) -> GenerationRequest {
    var stop = StopCondition()
    stop.maximumTokens = 12
    stop.atEndOfSequence = false
    var request = GenerationRequest(prompt: prompt, stop: stop, alternatives: 2)
    request.sampling.temperature = 1
    request.sampling.seed = 11
    request.adapter = adapter
    return request
  }

  /// The tokens of an answer and their log-probabilities.
  private static func answer(
    _ engine: Engine, _ request: GenerationRequest
  ) async throws -> [GeneratedToken] {
    var tokens: [GeneratedToken] = []
    for try await case .token(let token) in try engine.generate(request) { tokens.append(token) }
    return tokens
  }

  @Test("Requests with several adapters and without share a batch, each the same bits as alone")
  func beside() async throws {
    let prompt = try #require(PublishedFolder("llama_gqa_tied")).reference().inputIds
    let names: [String?] = [nil, "llama_all", "llama_attention", "llama_all", nil]
    let requests = names.enumerated().map { place, name in
      Self.request(name, prompt: Array(prompt.prefix(20 + 3 * place)))
    }
    var alone: [[GeneratedToken]] = []
    for request in requests {
      alone.append(try await Self.answer(Self.engine(threads: 1), request))
    }
    let engine = try Self.engine()
    let together = try await withThrowingTaskGroup(of: (Int, [GeneratedToken]).self) { group in
      for (place, request) in requests.enumerated() {
        group.addTask { (place, try await Self.answer(engine, request)) }
      }
      return try await group.reduce(into: [Int: [GeneratedToken]]()) { $0[$1.0] = $1.1 }
    }
    for (place, tokens) in alone.enumerated() { #expect(together[place] == tokens) }
  }

  @Test("What was computed with an adapter is used again by nobody else")
  func cache() async throws {
    let engine = try Self.engine()
    let prompt = try #require(PublishedFolder("llama_gqa_tied")).reference().inputIds
    let names: [String?] = [nil, "llama_all", "llama_attention"]
    var answers: [[[GeneratedToken]]] = []
    for _ in 0..<2 {
      var round: [[GeneratedToken]] = []
      for name in names {
        round.append(try await Self.answer(engine, Self.request(name, prompt: prompt)))
      }
      answers.append(round)
    }
    #expect(answers[0] == answers[1])
    #expect(answers[0][0] != answers[0][1])
    #expect(answers[0][1] != answers[0][2])
  }

  @Test("A request for an adapter that is not there is refused")
  func unknown() throws {
    let engine = try Self.engine()
    #expect(engine.adapters == ["llama_all", "llama_attention"])
    #expect(throws: EngineError.unknownAdapter("other")) {
      _ = try engine.generate(Self.request("other", prompt: [1]))
    }
  }

  @Test("An engine takes no adapter of another model, and no two of one name")
  func wrongModel() throws {
    let model = try LoadedModel.read(path: try #require(PublishedFolder("llama_gqa_tied")).path)
    let other = try LoadedModel.read(path: try #require(PublishedFolder("gpt2")).path)
    let adapter = try LoadedAdapter(path: Self.goldens[0].path, for: model)
    for (model, adapters) in [(other, [adapter]), (model, [adapter, adapter])] {
      var configuration = EngineConfiguration()
      configuration.adapters = adapters
      #expect(throws: ModelError.self) {
        _ = try Engine(model: model, configuration: configuration)
      }
    }
    #expect(throws: ModelError.self) {
      _ = try LoadedAdapter(path: Self.goldens[0].path, for: other)
    }
  }
}
