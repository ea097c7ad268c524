import GPTModel
import HTTPTestSupport
import HummingbirdTesting
import NIOConcurrencyHelpers
import NIOPosix
import Testing

@testable import InferenceServer

@Suite("Where requests are worked on", .timeLimit(.minutes(10)))
struct WorkplaceTests {
  /// Whether the present thread serves connections.
  private static var isEventLoop: Bool { MultiThreadedEventLoopGroup.currentEventLoop != nil }

  /// Where pieces of work were done.
  private struct Places {
    var generate: [Bool] = []
    var next: [Bool] = []
  }

  /// The events of a short answer, and a note of where they are waited for.
  private struct Witness: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let places: NIOLockedValueBox<Places>
    var events = [GenerationEvent].tokensThenEnd("H")[...]

    func makeAsyncIterator() -> Witness { self }

    mutating func next() async throws -> GenerationEvent? {
      let isEventLoop = WorkplaceTests.isEventLoop
      places.withLockedValue { $0.next.append(isEventLoop) }
      return events.popFirst()
    }
  }

  @Test("A prompt is read away from the event loops, and its answer taken to the client on one")
  func places() async throws {
    let places = NIOLockedValueBox(Places())
    let service = FakeService { _ in
      places.withLockedValue { $0.generate.append(Self.isEventLoop) }
      return Witness(places: places)
    }
    try await InferenceServer(service).application().test(.live) { client in
      try await RawClient.connect(port: try #require(client.port)) { client in
        try await client.post(InferenceServer.conversation(#""stream": true"#))
        _ = try await client.read(through: "data: [DONE]\n\n")
      }
    }
    let (generate, next) = places.withLockedValue { ($0.generate, $0.next) }
    #expect(generate == [false])
    #expect(next.contains(true) && !next.contains(false))
  }
}
