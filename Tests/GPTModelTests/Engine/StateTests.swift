import GPTModel
import ModelFiles
import Tensor
import TestSupport
import Testing

/// Sequences whose layers have states, in an engine.
@Suite("States")
struct StateTests {
  private func model(_ label: String) throws -> LoadedModel {
    try Models.tiny {
      $0.format = .fourBitWithMinimum
      $0.architecture = TinyArchitecture.recurrent.first { $0.label == label } ?? .llama
    }
  }

  private func engine(
    _ label: String,
    _ change: (inout EngineConfiguration, LoadedModel) throws -> Void = { _, _ in }
  ) throws -> Engine {
    let model = try model(label)
    #expect(model.spec.hasStates)
    var configuration = EngineConfiguration()
    configuration.threads = 2
    configuration.rowsPerStep = 48
    try change(&configuration, model)
    return try Engine(model: model, configuration: configuration)
  }

  private func request(_ prompt: [Token], tokens: Int = 12) -> GenerationRequest {
    .sampled(Prompt(prompt), tokens: tokens)
  }

  @Test(
    "A conversation goes on from the state after the last full page that was written",
    arguments: ["lfm2", "mamba2", "qwen35"])
  func continuation(label: String) async throws {
    let engine = try engine(label)
    let start = [Token].random(60, seed: 2)
    let first = try await Answer(try engine.generate(request(start, tokens: 40)))
    let history = start + first.tokens + .random(5, seed: 3)
    let next = try await Answer(try engine.generate(request(history)))
    #expect(next.summary?.usage.cachedTokens == 96)
    let alone = try await Answer(try self.engine(label).generate(request(history)))
    #expect(next.tokens == alone.tokens)
    #expect(next.logprobs == alone.logprobs)
  }

  @Test("The third prompt with a start goes on from where the second parted from the first")
  func branch() async throws {
    let engine = try engine("granitehybrid")
    let start = [Token].random(100, seed: 4)
    var cached: [Int?] = []
    for seed in 5..<8 as Range<UInt64> {
      let prompt = start + .random(60, seed: seed)
      let answer = try await Answer(try engine.generate(request(prompt)))
      cached.append(answer.summary?.usage.cachedTokens)
      let alone = try await Answer(try self.engine("granitehybrid").generate(request(prompt)))
      #expect(answer.tokens == alone.tokens)
      #expect(answer.logprobs == alone.logprobs)
    }
    #expect(cached == [0, 0, 96])
  }

  @Test("Answers that start together wait for the state that one of them leaves")
  func choices() async throws {
    let engine = try engine("lfm2")
    let streams = try (0..<3).map { choice in
      var request = request(.random(130, seed: 6))
      request.choice = choice
      return try engine.generate(request)
    }
    var answers: [Answer] = []
    for stream in streams { answers.append(try await Answer(stream)) }
    #expect(answers.map { $0.summary?.usage.cachedTokens } == [0, 128, 128])
    #expect(Set(answers.map(\.tokens)).count == 3)
  }

  @Test("Requests wait for the only slot, and get the bits that they get alone", arguments: [1, 2])
  func fewSlots(slots: Int) async throws {
    let engine = try engine("mamba") { $0.stateBytes = slots * $1.spec.bytesPerState }
    let requests = (0..<4).map { request(.random(70, seed: UInt64($0))) }
    let streams = try requests.map { try engine.generate($0) }
    for (request, stream) in zip(requests, streams) {
      let answer = try await Answer(stream)
      let alone = try await Answer(try self.engine("mamba").generate(request))
      #expect(answer.tokens == alone.tokens)
      #expect(answer.logprobs == alone.logprobs)
    }
  }

  @Test("A sequence that lost its pages is computed again to the same bits")
  func preempted() async throws {
    let engine = try engine("lfm2") {
      $0.cacheBytes = 5 * (try $1.spec.bytesPerPage(.bfloat16))
      $0.cacheFormat = .bfloat16
    }
    let requests = (0..<3).map { request(.random(30, seed: UInt64($0)), tokens: 60) }
    let streams = try requests.map { try engine.generate($0) }
    for (request, stream) in zip(requests, streams) {
      let answer = try await Answer(stream)
      let alone = try await Answer(
        try self.engine("lfm2") { configuration, _ in configuration.cacheFormat = .bfloat16 }
          .generate(request))
      #expect(answer.tokens == alone.tokens)
      #expect(answer.logprobs == alone.logprobs)
    }
    #expect(engine.status.preemptions > 0)
  }

  @Test("The state of a conversation is part of a model's memory")
  func memory() throws {
    var tiny = TinyModel()
    tiny.architecture = TinyArchitecture.recurrent.first { $0.label == "mamba2" } ?? .llama
    let memory = try ModelMemory(GGUFSource(MemorySource(tiny.bytes())))
    // Of 2 layers 3 inputs of 256 channels, and a matrix of 128 by 16.
    #expect(memory.bytesPerState == 2 * (3 * 256 + 128 * 16) * 4)
    #expect(try memory.cacheBytesPerPosition(.bfloat16) == 0)
  }
}
