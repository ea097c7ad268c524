import GPTModel
import Logging

/// Tells a service manager that a server makes progress, for as long as it does.
///
/// Four times in the manager's interval it waits for every event loop to answer and looks at the engine.
/// What hangs is not fed any more: an event loop that never answers, an engine whose step does not end
/// or whose thread is gone, and the whole process. The manager then starts the server anew.
struct Watchdog: Sendable {
  /// Looks in the manager's interval: a single one that comes late does no harm.
  static let looks = 4.0

  /// The time between two looks.
  let pause: Duration
  /// The engine's status.
  let status: @Sendable () -> EngineStatus
  /// Returns once every event loop has answered.
  let askEventLoops: @Sendable () async -> Void
  /// Says that there is progress.
  let feed: @Sendable () -> Void
  /// Takes the reason where there is none.
  let logger: Logger

  /// Watches until its task is cancelled.
  ///
  /// - Parameter wait: Waits between two looks.
  func run(
    wait: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) async {
    var progress = EngineProgress()
    while (try? await wait(pause)) != nil {
      await askEventLoops()
      let status = status()
      if progress.advances(to: status) {
        feed()
      } else {
        logger.critical(
          "The engine makes no progress; the watchdog is not fed",
          metadata: ["steps": "\(status.steps)", "seconds_in_step": "\(status.secondsInStep)"])
      }
    }
  }
}
