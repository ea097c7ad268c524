import GPTModel
import HTTPTestSupport
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

extension EngineStatus {
  /// What an engine says after so many steps, with so many requests.
  fileprivate static func after(_ steps: Int, running: Int = 0, waiting: Int = 0) -> Self {
    var status = EngineStatus()
    (status.steps, status.running, status.waiting) = (steps, running, waiting)
    return status
  }
}

@Suite("The watchdog", .timeLimit(.minutes(10)))
struct WatchdogTests {
  /// The end of a test's time.
  private struct Over: Error {}

  /// Looks once at each status; returns how often the manager was told.
  private func feeds(_ statuses: [EngineStatus]) async -> Int {
    let (left, count) = (NIOLockedValueBox(statuses[...]), NIOLockedValueBox(0))
    let watchdog = Watchdog(
      pause: .seconds(1), status: { left.withLockedValue { $0.removeFirst() } },
      askEventLoops: {}, feed: { count.withLockedValue { $0 += 1 } }, logger: silent)
    await watchdog.run { _ in if left.withLockedValue({ $0.isEmpty }) { throw Over() } }
    return count.withLockedValue { $0 }
  }

  @Test("A server that has nothing to do is fed")
  func idle() async {
    #expect(await feeds([.after(5), .after(5), .after(5)]) == 3)
  }

  @Test("A server that is busy is fed, however much it has to do")
  func busy() async {
    let statuses: [EngineStatus] = (1...20).map { .after($0, running: 32, waiting: 256) }
    #expect(await feeds(statuses) == 20)
  }

  @Test("A request that arrived since the last look may take its time")
  func arrival() async {
    #expect(await feeds([.after(5), .after(5, waiting: 1), .after(6, running: 1)]) == 3)
  }

  @Test("A step that does not end is not fed, whether its requests run or wait")
  func stuck() async {
    #expect(
      await feeds(
        [.after(5), .after(6, running: 1)] + .init(repeating: .after(6, running: 1), count: 9)) == 2
    )
    #expect(await feeds(.init(repeating: .after(6, waiting: 1), count: 9)) == 1)
  }

  @Test("A server that goes on after a long step is fed again")
  func recovered() async {
    let statuses: [EngineStatus] = [
      .after(1, running: 1), .after(1, running: 1), .after(2, running: 1), .after(2),
    ]
    #expect(await feeds(statuses) == 3)
  }

  @Test("While an event loop does not answer nobody is told that all is well")
  func eventLoop() async {
    let (asked, ask) = AsyncStream.makeStream(of: Void.self)
    let count = NIOLockedValueBox(0)
    let watchdog = Watchdog(
      pause: .seconds(1), status: { .after(0) },
      askEventLoops: {
        ask.yield()
        // Until the task is cancelled.
        for await _ in AsyncStream<Void>.makeStream().stream {}
      },
      feed: { count.withLockedValue { $0 += 1 } }, logger: silent)
    let task = Task { await watchdog.run { _ in try Task.checkCancellation() } }
    _ = await asked.first { _ in true }
    #expect(count.withLockedValue { $0 } == 0)
    task.cancel()
    await task.value
  }
}
