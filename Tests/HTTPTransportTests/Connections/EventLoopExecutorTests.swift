import NIOPosix
import Testing

@testable import HTTPTransport

@Suite("Tasks on event loops", .timeLimit(.minutes(10)))
struct EventLoopExecutorTests {
  /// Whether the present thread serves connections.
  private static var isEventLoop: Bool { MultiThreadedEventLoopGroup.currentEventLoop != nil }

  @Test("Work goes away from an event loop and comes back")
  func leaving() async throws {
    let executor = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
    let seen = await Task(executorPreference: executor) {
      let before = Self.isEventLoop
      let away = await awayFromEventLoops { await Self.wasEventLoop() }
      return [before, away, await Self.wasEventLoop()]
    }.value
    #expect(seen == [true, false, true])
  }

  private static func wasEventLoop() async -> Bool { isEventLoop }
}
