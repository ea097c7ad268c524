import HTTPTestSupport
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes

@testable import HTTPTransport

/// One HTTP/1 connection without network, threads or clock: a test sends, answers and lets time pass.
final class EmbeddedConnection {
  let channel = EmbeddedChannel()
  let client = ClientConnection()
  /// All that the server has sent.
  private(set) var sent = ""
  /// The requests that were let in, in order.
  private(set) var requests: [HTTPRequest] = []
  /// The bodies of those that ended, in order.
  private(set) var bodies: [String] = []
  private var body = ""

  convenience init(_ limits: ConnectionLimits = ConnectionLimits()) throws {
    try self.init(RequestRules(limits: limits))
  }

  init(_ rules: RequestRules) throws {
    let refusals = Refusals(logger: silent)
    let connection = HTTP1Connection(
      responder: { _, _, _ in }, client: client, rules: rules, refusals: refusals, isSecure: false)
    let handler = ConnectionHandler(
      client, rules: rules, refusals: refusals, at: channel.embeddedEventLoop.now)
    try connection.addHandlers(handler, to: channel.pipeline.syncOperations)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  /// Whether the connection is still there.
  var isOpen: Bool { channel.isActive }
  /// The statuses of all that was answered, in order.
  var statuses: [Int] {
    sent.matches(of: /HTTP\/1\.[01] (\d{3})/).compactMap { Int($0.output.1) }
  }

  /// Requests that were let in whole and are not answered.
  var unanswered: Int { bodies.count - answers }
  /// Answers that routes gave.
  private var answers = 0

  /// Has the client send text.
  func send(_ text: String) {
    send(bytes: text.utf8)
  }

  /// Has the client send bytes.
  func send(bytes: some Sequence<UInt8>) {
    // What goes wrong shows in what is answered.
    _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    collect()
  }

  /// Has a route answer a request with a whole document.
  func answer(_ text: String = "{}", close: Bool = false) {
    beginAnswer(length: text.utf8.count, close: close)
    write(.body(ByteBuffer(string: text)))
    answers += 1
    write(.end(nil))
  }

  /// Has a route begin an answer.
  func beginAnswer(length: Int? = nil, close: Bool = false) {
    var fields = HTTPFields()
    if let length { fields[.contentLength] = "\(length)" }
    if close { fields[.connection] = "close" }
    write(.head(HTTPResponse(status: .ok, headerFields: fields)))
  }

  /// Has a route write a part of an answer.
  func write(_ part: HTTPResponsePart) {
    _ = try? channel.writeOutbound(part)
    collect()
  }

  /// Lets time pass.
  func wait(_ time: TimeAmount) {
    channel.embeddedEventLoop.advanceTime(by: time)
    collect()
  }

  private func collect() {
    while case .byteBuffer(let bytes)? = try? channel.readOutbound(as: IOData.self) {
      sent += String(buffer: bytes)
    }
    while let part = try? channel.readInbound(as: HTTPRequestPart.self) {
      switch part {
      case .head(let head): requests.append(head)
      case .body(let bytes): body += String(buffer: bytes)
      case .end:
        bodies.append(body)
        body = ""
      }
    }
  }
}
