import NIOCore

/// An HTTP/2 connection that was set up.
struct HTTP2Connection: Sendable {
  private let channel: any Channel
  private let ended: EventLoopFuture<Void>

  /// Adds HTTP/2 to a connection whose client has begun to speak it.
  ///
  /// - Parameter executor: Runs the tasks that answer; nil for anywhere.
  init(
    on channel: any Channel, responder: RequestResponder, rules: RequestRules, refusals: Refusals,
    executor: (any TaskExecutor)?
  ) throws {
    let ended = channel.eventLoop.makePromise(of: Void.self)
    self.channel = channel
    self.ended = ended.futureResult
    let handler = HTTP2Handler(
      responder: responder, rules: rules, refusals: refusals, executor: executor, ended: ended)
    do {
      try channel.pipeline.syncOperations.addHandler(handler)
    } catch {
      ended.fail(error)
      throw error
    }
  }

  /// Returns when the connection is closed and all tasks that answered its requests have ended.
  func run() async {
    await withTaskCancellationHandler {
      // A promise that fails says the same: there is nothing left to wait for.
      _ = try? await ended.get()
    } onCancel: {
      channel.close(promise: nil)
    }
  }
}
