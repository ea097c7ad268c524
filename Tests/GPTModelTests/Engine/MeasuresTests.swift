import GPTModel
import TestSupport
import Testing

@Suite("What an engine measures")
struct MeasuresTests {
  @Test("A value belongs to the first bound that it does not exceed")
  func bounds() {
    var distribution = Distribution(bounds: [1, 2, 4])
    for value in [0, 1, 1.5, 2, 4, 4.5, 100] { distribution.add(value) }
    #expect(distribution.counts == [2, 2, 1, 2])
    #expect(distribution.count == 7)
    #expect(distribution.sum == 113)
    distribution.add(.nan)
    #expect(distribution.counts == [3, 2, 1, 2])
    #expect(distribution.sum == 113)
  }

  @Test("A distribution without bounds still counts")
  func unbounded() {
    var distribution = Distribution(bounds: [])
    distribution.add(3)
    #expect(distribution.counts == [1])
  }

  @Test("Tokens are counted once each, and times add up to what is measured as a whole")
  func sums() async throws {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let engine = try Engine(model: try Models.tiny(), configuration: configuration)
    for length in [3, 5] {
      let request = GenerationRequest(
        prompt: Array(repeating: 7, count: length), sampling: .greedy,
        stop: StopCondition(maximumTokens: 4))
      for try await _ in try engine.generate(request) {}
    }
    await engine.drain()
    let measures = engine.measures
    #expect(measures.promptTokens == 8)
    #expect(measures.lookedUpTokens == 8)
    #expect(measures.timeToFirstToken.count == 2)
    #expect(measures.endToEndTime.count == 2)
    let tokens = measures.timeToFirstToken.count + measures.interTokenLatency.count
    #expect(measures.generatedTokens == tokens)
    #expect(measures.answerLength.sum == Double(tokens))
    #expect(measures.promptLength.sum == 8)
    #expect(measures.endings.values.reduce(0, +) == 2)
    #expect(measures.rowsPerStep.count == engine.status.steps)
    // The tokens chosen last are not computed any more.
    #expect(measures.rowsPerStep.sum == Double(8 + tokens - 2))
    let parts = measures.queueTime.sum + measures.prefillTime.sum + measures.decodeTime.sum
    #expect(abs(parts - measures.endToEndTime.sum) < 1e-9)
    let steps = measures.timeToFirstToken.sum + measures.interTokenLatency.sum
    #expect(abs(steps - measures.endToEndTime.sum) < 1e-9)
  }

  @Test("Who leaves is counted as such, and its times are not")
  func departure() {
    var measures = EngineMeasures(contextLength: 64)
    let usage = Usage(promptTokens: 3, completionTokens: 2)
    for ending in GenerationEnding.allCases {
      measures.noteEnd(ending, usage: usage, times: GenerationTimes())
    }
    #expect(measures.endings == [.stop: 1, .length: 1, .abort: 1, .error: 1])
    #expect(measures.endToEndTime.count == 2)
    #expect(measures.answerLength.sum == 4)
    #expect(measures.promptLength.bounds == [1, 2, 5, 10, 20, 50])
  }

  @Test("Times are told, and summaries that differ in them are not equal")
  func times() async throws {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let engine = try Engine(model: try Models.tiny(), configuration: configuration)
    let request = GenerationRequest(
      prompt: [1, 2, 3], sampling: .greedy, stop: StopCondition(maximumTokens: 4))
    var summary: GenerationSummary?
    for try await case .finished(let last) in try engine.generate(request) { summary = last }
    let timed = try #require(summary)
    #expect(timed.times.prefill > 0 && timed.times != GenerationTimes())
    var other = timed
    #expect(other == timed)
    other.times.queued += 1
    #expect(other != timed && other.times != timed.times)
  }
}
