import NIOCore

/// A request's body in pieces. The client may send more as pieces are read, not as they arrive.
struct HTTP2RequestBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  /// Asks a stream for one piece after the other.
  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let stream: StreamHandle

    func next() async throws -> ByteBuffer? { try await stream.read() }
  }

  /// The stream that receives the body.
  let stream: StreamHandle

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: stream) }
}
