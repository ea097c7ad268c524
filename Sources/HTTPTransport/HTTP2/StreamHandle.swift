import HTTPTypes
import Hummingbird
import NIOCore

/// A stream for the task that answers its request, on any thread.
///
/// Everything happens on the connection's event loop, in order; where the stream has ended in the
/// meantime, nothing comes of it.
struct StreamHandle: Sendable {
  /// The stream's number.
  let id: Int32
  /// Makes the writer wait.
  let gate: SendGate
  /// Knows whether the client waits for the answer.
  let client: ClientConnection

  private let handler: NIOLoopBound<HTTP2Handler>
  private let eventLoop: any EventLoop

  /// Stands for a stream of a connection; made on its event loop.
  init(_ stream: HTTP2Stream, of handler: HTTP2Handler, on eventLoop: any EventLoop) {
    id = stream.id
    gate = stream.gate
    client = stream.client
    self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    self.eventLoop = eventLoop
  }

  /// Answers a request; this is all that the stream's task does.
  func answer(
    _ request: Request, with responder: RequestResponder, on channel: any Channel
  ) async {
    await ClientConnection.$current.withValue(client) {
      do {
        let response = try await responder.respond(to: request, on: channel)
        let writer = HTTP2ResponseWriter(self, response.head, method: request.method)
        try await response.body.write(writer)
      } catch {
        // Either the client has gone, or the answer's missing end makes the stream fail.
      }
    }
    run { $0.taskEnded($1) }
  }

  /// Sends a piece of the answer.
  func send(
    _ head: HTTPResponse? = nil, _ body: ByteBuffer? = nil, ending: HTTP2Stream.Ending? = nil
  ) {
    run { $0.send($1, head, body, ending: ending) }
  }

  /// Waits for the next piece of the request's body; nil after the last.
  func read() async throws -> ByteBuffer? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        run { $0.read($1, continuation) }
      }
    } onCancel: {
      // Never at once: who cancels may be in the middle of something on the loop.
      runLater { $0.failReading($1, CancellationError()) }
    }
  }

  private func run(_ action: @escaping @Sendable (HTTP2Handler, Int32) -> Void) {
    // A task that came back to the loop did so behind all that it had asked for from elsewhere.
    if eventLoop.inEventLoop { return action(handler.value, id) }
    runLater(action)
  }

  private func runLater(_ action: @escaping @Sendable (HTTP2Handler, Int32) -> Void) {
    eventLoop.execute { action(handler.value, id) }
  }
}
