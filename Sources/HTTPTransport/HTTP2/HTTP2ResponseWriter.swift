import HTTPTypes
import Hummingbird
import NIOCore

/// Sends an answer on a stream, and waits while the client does not keep up.
///
/// A body whose length is known and small leaves as a whole, with its head.
struct HTTP2ResponseWriter: ResponseBodyWriter {
  private let stream: StreamHandle
  private let hasBody: Bool
  private let gathers: Bool
  /// The head, until it is sent.
  private var head: HTTPResponse?
  /// The body so far, where it is sent as a whole.
  private var gathered = ByteBuffer()

  /// Begins an answer.
  init(_ stream: StreamHandle, _ head: HTTPResponse, method: HTTPRequest.Method) {
    self.stream = stream
    hasBody = method != .head && head.status != .noContent && head.status != .notModified
    let length = head.headerFields[.contentLength].flatMap { Int($0) }
    gathers = !hasBody || (length.map { $0 <= ConnectionLimits.lowWater } ?? false)
    self.head = gathers ? head : nil
    if !gathers { stream.send(head) }
  }

  mutating func write(_ buffer: ByteBuffer) async throws {
    guard hasBody else { return }
    guard !gathers else {
      gathered.writeImmutableBuffer(buffer)
      return
    }
    try stream.gate.add(buffer.readableBytes)
    stream.send(nil, buffer)
    try await stream.gate.pass()
  }

  consuming func finish(_ trailers: HTTPFields?) async throws {
    let ending: HTTP2Stream.Ending = stream.client.hasFailed ? .failed : .complete
    try stream.gate.add(gathered.readableBytes)
    stream.send(head, gathered, ending: ending)
  }
}
