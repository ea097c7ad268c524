import Hummingbird
import JSON
import NIOCore

/// Builds the bytes of an event stream.
struct ServerSentEvents {
  /// The events so far, ready to be sent.
  private(set) var buffer = ByteBuffer()

  /// Begins without events.
  init() {}

  /// The one event with which a stream ends that failed after it began.
  init(_ error: APIError) {
    var json = JSONWriter()
    error.write(to: &json)
    append(json)
  }

  /// A comment, which clients skip and which shows proxies that the stream is alive.
  static var comment: ServerSentEvents {
    var events = ServerSentEvents()
    events.buffer.writeStaticString(":\n\n")
    return events
  }

  /// Adds an event of a protocol that names its events.
  mutating func append(_ json: JSONWriter, name: String) {
    buffer.writeString("event: \(name)\n")
    append(json)
  }

  /// Adds an event that carries a JSON document, which has no line breaks.
  mutating func append(_ json: JSONWriter) {
    buffer.writeStaticString("data: ")
    buffer.writeBytes(json.bytes)
    buffer.writeStaticString("\n\n")
  }

  /// Adds the event that says that nothing follows.
  mutating func appendDone() {
    buffer.writeStaticString("data: [DONE]\n\n")
  }
}

extension ResponseBodyWriter {
  /// Sends events at once, unless there are none.
  mutating func write(_ events: ServerSentEvents) async throws {
    guard events.buffer.readableBytes > 0 else { return }
    try await write(events.buffer)
  }
}
