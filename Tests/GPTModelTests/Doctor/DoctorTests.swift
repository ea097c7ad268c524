import Tensor
import TestSupport
import Testing

@testable import Evaluation
@testable import GPTModel

@Suite("Doctor")
struct DoctorTests {
  @Test("A model is examined stage by stage, with figures for all that was asked")
  func examination() throws {
    let model = try Models.tiny()
    var configuration = EngineConfiguration()
    configuration.threads = 1
    configuration.cacheBytes = 1 << 20
    var stages: [Doctor.Stage] = []
    let found = try Doctor(configuration: configuration, seconds: 0.001).examine(model) {
      stages.append($0)
    }
    #expect(stages == Doctor.Stage.allCases)
    #expect(found.bandwidth > 0 && found.multiplications > 0 && found.multipliedFormat == "Q8_0")
    #expect(found.threads == ThreadBudget(count: 1, reason: "as asked"))
    let facts = try #require(found.model)
    for speed in [facts.writing, facts.reading] {
      #expect(speed.expected > 0 && speed.measured > 0 && speed.share > 0)
    }
    #expect(facts.loading.total > 0 && facts.loading.packing > 0)
  }

  @Test("What a token costs is counted: each weight once, and the head's for tokens written alone")
  func counts() throws {
    let tiny = TinyModel()
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let facts = try #require(
      try Doctor(configuration: configuration, seconds: 0).examine(Models.tiny()).model)
    let keyWidth = tiny.width / tiny.heads * tiny.keyValueHeads
    let layer = tiny.width * (2 * tiny.width + 2 * keyWidth + 3 * tiny.feedForward)
    #expect(facts.multiplications.reading == tiny.layers * layer)
    #expect(
      facts.multiplications.writing == tiny.layers * layer + tiny.width * tiny.vocabulary)
    #expect(facts.weights.map(\.name).contains("attn_q"))
    #expect(facts.weights.reduce(0) { $0 + $1.byteCount } == facts.bytesPerToken)
    #expect(facts.weights.allSatisfy { $0.name == "token_embd" || $0.count == tiny.layers })
  }

  @Test("Without a model the machine is examined alone")
  func machineAlone() throws {
    var stages: [Doctor.Stage] = []
    let found = try Doctor(seconds: 0).examine(nil) { stages.append($0) }
    #expect(stages == [.memory, .arithmetic] && found.model == nil)
  }

  @Test("A run measures what fills its time, within bounds and the model's context")
  func tokens() {
    func tokens(_ work: BenchmarkTest.Work, _ expected: Double, context: Int = 4096) -> Int {
      Doctor.tokens(for: work, expected: expected, seconds: 0.5, context: context)
    }
    #expect(tokens(.writing, 1) == 4 && tokens(.writing, 20) == 10 && tokens(.writing, 1e9) == 64)
    #expect(tokens(.reading, 1) == 16 && tokens(.reading, 200) == 100)
    #expect(tokens(.reading, .infinity) == 512 && tokens(.reading, 1e9, context: 8) == 8)
  }

  @Test("Names lose the number of their layer")
  func names() {
    #expect(WeightGroup.use(of: "blk.12.attn_q.weight") == "attn_q")
    #expect(WeightGroup.use(of: "token_embd.weight") == "token_embd")
    #expect(WeightGroup.use(of: "odd") == "odd")
  }
}
