import NIOCore
import NIOHTTP1

/// A request that a connection sends, and what reads the response.
struct Exchange: Sendable {
  /// The request line and the headers.
  let head: HTTPRequestHead
  /// The body.
  let body: ByteBuffer
  /// How long the response may take.
  let timeout: TimeAmount
  /// What reads the response.
  var response: any PendingResponse
}

/// A response that somebody waits for.
protocol PendingResponse: Sendable {
  /// Takes the head in.
  mutating func begin(_ head: HTTPResponseHead) throws(RequestFailure)
  /// Takes a part of the body in.
  mutating func receive(_ bytes: ByteBuffer) throws(RequestFailure)
  /// Tells the waiting one what the response is, now that it is complete.
  mutating func end()
  /// Tells the waiting one that there is no complete response.
  func fail(_ failure: RequestFailure)
}

/// A response on its way through a reader to a promise.
struct PromisedResponse<Reader: ResponseReader>: PendingResponse {
  /// What the parts go through.
  var reader: Reader
  /// What the value goes to.
  let promise: EventLoopPromise<Result<Reader.Value, RequestFailure>>
  /// What tells when the parts arrive.
  let stopwatch: Stopwatch

  /// Takes the head in.
  mutating func begin(_ head: HTTPResponseHead) throws(RequestFailure) {
    try reader.begin(
      status: Int(head.status.code), contentType: head.headers.first(name: "content-type"))
  }

  /// Takes a part of the body in, with the time at which it came.
  mutating func receive(_ bytes: ByteBuffer) throws(RequestFailure) {
    let time = stopwatch.elapsed
    try reader.receive(Array(bytes.readableBytesView), at: time)
  }

  /// Keeps the promise with the reader's value, or with what it lacks.
  mutating func end() {
    do {
      promise.succeed(.success(try reader.end()))
    } catch {
      promise.succeed(.failure(error))
    }
  }

  /// Keeps the promise with a failure.
  func fail(_ failure: RequestFailure) {
    promise.succeed(.failure(failure))
  }
}
