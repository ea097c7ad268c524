import EngineMetrics
import GPTModel
import MetricsTestKit
import TestSupport
import Testing

@Suite("An engine's figures for any backend")
struct EngineReporterTests {
  @Test("Counters follow the engine, however often it is asked")
  func counters() async throws {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let model = try LoadedModel.read(source: MemorySource(TinyModel().bytes()))
    let engine = try Engine(model: model, configuration: configuration)
    let backend = TestMetrics()
    let reporter = EngineReporter(engine: engine, factory: backend)
    reporter.report()
    for round: Token in [5, 6] {
      var stop = StopCondition(maximumTokens: 4)
      stop.atEndOfSequence = false
      let request = GenerationRequest(prompt: [1, 2, round], sampling: .greedy, stop: stop)
      for try await event in try engine.generate(request) {
        if case .finished(let summary) = event { reporter.report(summary) }
      }
      reporter.report()
    }
    await engine.drain()
    reporter.report()
    reporter.report()
    let labels = [("model_name", engine.model.name)]
    func total(_ label: String, _ more: [(String, String)] = []) throws -> Int64 {
      try backend.expectCounter("apus_" + label, labels + more).totalValue
    }
    #expect(try total("generation_tokens_total") == 8)
    #expect(try total("prompt_tokens_total") == 6)
    #expect(try total("request_success_total", [("finished_reason", "length")]) == 2)
    #expect(try total("inter_token_latency_seconds_count") == 6)
    #expect(try total("num_preemptions_total") == 0)
    let prefill = try backend.expectTimer("apus_request_prefill_time_seconds", labels)
    #expect(prefill.values.count == 2 && prefill.values.allSatisfy { $0 > 0 })
    #expect(try backend.expectMeter("apus_num_requests_running", labels).lastValue == 0)
  }

  @Test("Who runs it has the first figures at once, and the last ones when it is cancelled")
  func running() async throws {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let model = try LoadedModel.read(source: MemorySource(TinyModel().bytes()))
    let engine = try Engine(model: model, configuration: configuration)
    let backend = TestMetrics()
    let reporter = EngineReporter(engine: engine, factory: backend)
    let labels = [("model_name", engine.model.name)]
    let running = Task { await reporter.run(every: .seconds(3600)) }
    while backend.meters.isEmpty { await Task.yield() }
    var request = GenerationRequest(prompt: [1, 2], sampling: .greedy)
    request.stop = StopCondition(maximumTokens: 3)
    request.stop.atEndOfSequence = false
    for try await _ in try engine.generate(request) {}
    await engine.drain()
    running.cancel()
    await running.value
    let counter = try backend.expectCounter("apus_generation_tokens_total", labels)
    #expect(counter.totalValue == 3)
  }
}
