import NIOCore

/// Runs a connection's tasks on its event loop, where their answers have to go anyway.
///
/// Long work belongs on other threads, because it blocks all connections of the loop.
final class EventLoopExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  /// Creates one for an event loop, which must not be shut down before the tasks have ended.
  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// Runs long work on threads that serve no connections.
package func awayFromEventLoops<Result, Failure: Error>(
  _ body: () async throws(Failure) -> Result
) async throws(Failure) -> Result {
  try await withTaskExecutorPreference(globalConcurrentExecutor, operation: body)
}
