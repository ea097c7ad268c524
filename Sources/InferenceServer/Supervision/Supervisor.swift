import Logging
import Platform

/// Tells the service manager that started the process how the server is; without one it tells nobody.
struct Supervisor: Sendable {
  /// The manager, where there is one.
  var manager: ServiceManager?
  /// Takes what could not be told.
  let logger: Logger

  /// Says that connections are accepted.
  func tellReady(model: String) { tell(.ready, .status("serves \(model)")) }

  /// Says that the server is about to end, once so many answers are finished.
  func tellStopping(answers: Int) { tell(.stopping, .status("finishes \(answers) answers")) }

  /// Feeds the manager's watchdog, where it has one, until the task is cancelled.
  func watch(_ service: any GenerationService) async {
    guard let manager, let interval = manager.watchdogInterval else { return }
    let watchdog = Watchdog(
      pause: .seconds(interval / Watchdog.looks), status: { service.status },
      askEventLoops: { _ = await EventLoopLag.measure() },
      feed: { tell(.watchdog) }, logger: logger)
    await watchdog.run()
  }

  private func tell(_ messages: ServiceManager.Message...) {
    guard let manager else { return }
    do throws(ServiceManager.Failure) {
      try manager.tell(messages)
    } catch {
      logger.warning("The service manager was not told", metadata: ["error": "\(error)"])
    }
  }
}
