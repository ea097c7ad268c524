import GPTModel
import Tensor
import TestSupport
import Testing

@Suite("Batch invariance")
struct BatchInvarianceTests {
  /// How an engine is set up.
  struct Setting: Sendable, CustomTestStringConvertible {
    var threads: Int
    var rows: Int
    var running: Int
    /// Cache in KiB; small ones force sequences to give their pages back and start over.
    var cacheKiB: Int?
    var cacheFormat = CacheFormat.bfloat16

    var testDescription: String {
      "\(threads) threads, \(rows) rows, \(running) side by side, \(cacheKiB ?? 0) KiB \(cacheFormat)"
    }

    var configuration: EngineConfiguration {
      var configuration = EngineConfiguration()
      configuration.threads = threads
      configuration.rowsPerStep = rows
      configuration.runningSequences = running
      configuration.cacheBytes = cacheKiB.map { $0 << 10 }
      configuration.cacheFormat = cacheFormat
      return configuration
    }
  }

  private static func alone(_ cacheFormat: CacheFormat) -> Setting {
    Setting(threads: 1, rows: 256, running: 1, cacheFormat: cacheFormat)
  }

  @Test(
    "Sixteen requests at once give the bits of each alone",
    arguments: [
      Setting(threads: 1, rows: 256, running: 16), Setting(threads: 2, rows: 256, running: 16),
      Setting(threads: 2, rows: 16, running: 16), Setting(threads: 2, rows: 64, running: 7),
      Setting(threads: 2, rows: 32, running: 16, cacheKiB: 192),
      Setting(threads: 2, rows: 32, running: 16, cacheKiB: 120, cacheFormat: .int8),
    ], GGUFWeightFormat.allCases)
  func tiny(setting: Setting, format: GGUFWeightFormat) async throws {
    try await expectTheSame(try Models.tiny { $0.format = format }, setting)
  }

  @Test(
    "So they do with every architecture, whose windows they outgrow",
    arguments: TinyArchitecture.all,
    [
      Setting(threads: 2, rows: 16, running: 16),
      Setting(threads: 2, rows: 32, running: 16, cacheKiB: 288),
    ])
  func architectures(architecture: TinyArchitecture, setting: Setting) async throws {
    try await expectTheSame(try Models.tiny { $0.architecture = architecture }, setting)
  }

  private func expectTheSame(_ model: LoadedModel, _ setting: Setting) async throws {
    let requests = (0..<16).map { index in
      var generator = SeededGenerator(seed: UInt64(index))
      var request = GenerationRequest(
        prompt: (0..<(3 + index * 5)).map { _ in Token.random(in: 0..<320, using: &generator) })
      request.sampling.temperature = index.isMultiple(of: 2) ? 0 : 0.8
      request.sampling.seed = UInt64(index)
      request.stop.maximumTokens = 24
      request.stop.atEndOfSequence = false
      request.alternatives = 2
      return request
    }
    let expected = try await answers(
      requests, model, Self.alone(setting.cacheFormat), together: false)
    let found = try await answers(requests, model, setting, together: true)
    #expect(found == expected)
    #expect(expected.allSatisfy { $0.tokens.count == 24 && $0.logprobs.count == 72 })
  }

  @Test(
    "Sixteen chats with the default model at once give the text and bits of each alone",
    .enabled(if: Models.hasDefault, "needs the file that Weights/fetch fetches"),
    arguments: [1, 2])
  func chats(threads: Int) async throws {
    let model = try Models.shared.get()
    let topics = [
      "the sky", "rain", "bread", "birds", "music", "the sea", "iron", "trees", "cats", "snow",
      "maps", "paper", "honey", "clocks", "ships", "salt",
    ]
    let requests = try topics.enumerated().map { index, topic in
      var request = try model.request(
        for: [ChatMessage(role: "user", content: "Tell me one thing about \(topic).")])
      request.sampling.temperature = index.isMultiple(of: 2) ? 0 : 0.8
      request.sampling.seed = UInt64(index)
      request.stop.maximumTokens = 20
      request.alternatives = 2
      return request
    }
    let setting = Setting(threads: threads, rows: 128, running: 16)
    let expected = try await answers(
      requests, model, Self.alone(setting.cacheFormat), together: false)
    let found = try await answers(requests, model, setting, together: true)
    #expect(found == expected)
    #expect(Set(expected.map(\.text)).count == 16)
  }

  private func answers(
    _ requests: [GenerationRequest], _ model: LoadedModel, _ setting: Setting, together: Bool
  ) async throws -> [Answer] {
    let engine = try Engine(model: model, configuration: setting.configuration)
    guard together else {
      var answers: [Answer] = []
      for request in requests { answers.append(try await Answer(engine.generate(request))) }
      return answers
    }
    return try await Answer.together(requests, on: engine)
  }
}
