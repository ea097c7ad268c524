import NIOCore

/// Runs a connection's tasks on its event loop, where their answers have to go anyway.
///
/// What takes long belongs elsewhere, because all connections of the loop would wait.
final class EventLoopExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  /// Creates one for an event loop, which must not be shut down before the tasks have ended.
  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// Runs what may take long where no connection waits for it.
package func awayFromEventLoops<Result, Failure: Error>(
  _ body: () async throws(Failure) -> Result
) async throws(Failure) -> Result {
  try await withTaskExecutorPreference(globalConcurrentExecutor, operation: body)
}
