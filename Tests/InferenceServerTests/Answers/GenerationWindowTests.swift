import GPTModel
import HTTPTypes
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("Many generations for one request")
struct GenerationWindowTests {
  /// An engine with so many places, which counts how many were taken at once.
  private final class Places: Sendable {
    private let count: Int
    private let refusal: EngineError
    private let taken = NIOLockedValueBox((now: 0, most: 0))

    init(_ count: Int, refusal: EngineError) {
      self.count = count
      self.refusal = refusal
    }

    /// Places that were taken at once.
    var most: Int { taken.withLockedValue { $0.most } }

    var service: FakeService {
      FakeService { [self] _ throws(EngineError) in
        let isFree = taken.withLockedValue { taken in
          guard taken.now < count else { return false }
          taken.now += 1
          taken.most = max(taken.most, taken.now)
          return true
        }
        guard isFree else { throw refusal }
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
        Task {
          await Task.yield()
          taken.withLockedValue { $0.now -= 1 }
          continuation.yield(all: .tokensThenEnd("A"))
          continuation.finish()
        }
        return stream
      }
    }
  }

  private func ask(_ service: FakeService, prompts: Int) async throws -> HTTPResponse.Status {
    let texts = (0..<prompts).map { _ in #""a""# }.joined(separator: ",")
    return try await InferenceServer(service).answer(
      .post, "/v1/completions", #"{"model": "org/tiny", "prompt": [\#(texts)]}"#
    ).status
  }

  @Test("They do not fill the queue, and wait for their own where the engine has no more places")
  func places() async throws {
    let roomy = Places(1000, refusal: .queueFull(limit: 1000))
    #expect(try await ask(roomy.service, prompts: 100) == .ok)
    #expect(roomy.most <= RequestLimits.generationsAtOnce)
    for refusal in [
      EngineError.queueFull(limit: 3), .tokensQueued(limit: 9), .tooManyForClient(limit: 3),
    ] {
      let tight = Places(3, refusal: refusal)
      #expect(try await ask(tight.service, prompts: 50) == .ok)
      #expect(tight.most <= 3)
    }
  }

  @Test("Where not even one has a place, the request is refused like any other")
  func refused() async throws {
    let full = Places(0, refusal: .queueFull(limit: 0))
    #expect(try await ask(full.service, prompts: 2) == .serviceUnavailable)
    let limited = Places(0, refusal: .tooManyForClient(limit: 0))
    #expect(try await ask(limited.service, prompts: 2) == .tooManyRequests)
  }

  @Test("When the answer is dropped, those that run are cancelled and no others begin")
  func dropped() async throws {
    let held = HeldGenerations()
    let service = held.service
    var events: ChoiceEvents? = ChoiceEvents(
      (0..<40).map { _ in GenerationRequest(prompt: [1]) }, of: service, client: nil)
    for _ in 0..<RequestLimits.generationsAtOnce { _ = await held.nextStarted() }
    #expect(events != nil)
    events = nil
    for _ in 0..<RequestLimits.generationsAtOnce { await held.nextCancelled() }
    #expect(service.requests.count == RequestLimits.generationsAtOnce)
  }
}
