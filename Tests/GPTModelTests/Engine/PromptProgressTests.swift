import GPTModel
import TestSupport
import Testing

@Suite("How much of a prompt was computed")
struct PromptProgressTests {
  private func engine() throws -> Engine {
    var configuration = EngineConfiguration()
    (configuration.threads, configuration.rowsPerStep) = (1, 64)
    return try Engine(model: try Models.tiny(), configuration: configuration)
  }

  private func request(_ tokens: Int) -> GenerationRequest {
    var request = GenerationRequest(
      prompt: (0..<tokens).map { Token(($0 * 31 + 7) % 320) }, sampling: .greedy,
      stop: StopCondition(maximumTokens: 3))
    request.reportsProgress = true
    return request
  }

  /// What was told of the prompt, and whether it came before the first token.
  private func progress(
    _ request: GenerationRequest, on engine: Engine
  ) async throws -> [PromptProgress] {
    var (told, hasToken) = ([PromptProgress](), false)
    for try await event in try engine.generate(request) {
      switch event {
      case .progress(let progress):
        #expect(!hasToken)
        told.append(progress)
      case .token: hasToken = true
      default: break
      }
    }
    return told
  }

  @Test("Each step but the last tells what was computed")
  func steps() async throws {
    let told = try await progress(request(200), on: engine())
    #expect(told.map(\.computed) == [64, 128, 192])
    #expect(told.allSatisfy { $0.total == 200 && $0.cached == 0 && $0.seconds >= 0 })
    #expect(zip(told, told.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
  }

  @Test("What is cached counts as computed")
  func cached() async throws {
    let engine = try engine()
    _ = try await progress(request(100), on: engine)
    let told = try await progress(request(250), on: engine)
    let cached = try #require(told.first?.cached)
    #expect(cached > 0 && told.first?.computed == cached + 64)
    #expect(told.last.map { $0.computed < 250 } == true)
  }

  @Test("A prompt of one step, or one of which nobody asks, tells nothing")
  func silent() async throws {
    let engine = try engine()
    #expect(try await progress(request(40), on: engine).isEmpty)
    var request = request(200)
    request.reportsProgress = false
    #expect(try await progress(request, on: engine).isEmpty)
  }
}
