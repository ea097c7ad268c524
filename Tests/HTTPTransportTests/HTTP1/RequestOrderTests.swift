import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import HTTPTransport

@Suite("Requests on one connection")
struct RequestOrderTests {
  private let get = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
  private let post = "POST /a HTTP/1.1\r\nHost: localhost\r\n"

  @Test("The last of a thousand requests is answered with goodbye, and no further one is let in")
  func thousand() throws {
    let connection = try EmbeddedConnection()
    connection.send(String(repeating: get, count: 1001))
    #expect(connection.requests.count == 1000)
    for _ in 0..<999 { connection.answer() }
    #expect(connection.isOpen && !connection.sent.contains("Connection: close"))
    connection.answer()
    #expect(connection.statuses.count == 1000)
    #expect(connection.sent.hasSuffix("\r\nConnection: close\r\n\r\n{}"))
    #expect(!connection.isOpen)
  }

  @Test("What is refused is answered after the requests before it")
  func refusalInOrder() throws {
    let connection = try EmbeddedConnection()
    connection.send(get + get + "BREW /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get)
    #expect(connection.requests.count == 2 && connection.statuses.isEmpty)
    connection.answer()
    #expect(connection.statuses == [200])
    connection.answer()
    #expect(connection.statuses.count == 3 && connection.statuses.last != 200)
    #expect(!connection.isOpen)
  }

  @Test(
    "A connection ends with the answer to a request that is its last",
    arguments: [
      "Connection: close\r\n", "Connection: keep-alive, Close\r\n",
      "Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n",
    ])
  func last(fields: String) throws {
    let connection = try EmbeddedConnection()
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n" + get)
    #expect(connection.requests.count == 1)
    connection.answer()
    #expect(connection.sent.contains("Connection: close\r\n") && !connection.isOpen)
  }

  @Test("A client of HTTP/1.0 gets no chunks, and keeps its connection only if it asks")
  func old() throws {
    let plain = try EmbeddedConnection()
    plain.send("GET /a HTTP/1.0\r\nHost: localhost\r\n\r\n")
    plain.beginAnswer()
    plain.write(.body(ByteBuffer(string: "text")))
    plain.write(.end(nil))
    #expect(plain.sent.hasPrefix("HTTP/1.0 200 OK\r\n"))
    #expect(plain.sent.hasSuffix("\r\n\r\ntext") && !plain.isOpen)
    let kept = try EmbeddedConnection()
    for _ in 0..<2 {
      kept.send("GET /a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
      kept.answer()
    }
    #expect(kept.statuses == [200, 200] && kept.isOpen)
    #expect(kept.sent.contains("Connection: keep-alive\r\n"))
  }

  @Test("A body in chunks may be as large as any, and no larger", arguments: [(0, 1), (1, 0)])
  func chunkedLimit(beyond: Int, bodies: Int) throws {
    var limits = ConnectionLimits()
    limits.bodyBytes = 1000
    let connection = try EmbeddedConnection(limits)
    connection.send(post + "Transfer-Encoding: chunked\r\n\r\n1f4\r\n")
    connection.send(String(repeating: "x", count: 500) + "\r\n")
    let rest = 500 + beyond
    connection.send(String(rest, radix: 16) + "\r\n" + String(repeating: "x", count: rest))
    connection.send("\r\n0\r\n\r\n")
    #expect(connection.bodies.count == bodies)
    #expect(connection.statuses == (bodies == 1 ? [] : [413]))
    if bodies == 1 { connection.answer() }
    #expect(connection.isOpen == (bodies == 1))
  }

  @Test("A body that comes after its answer is read to its limit and no further")
  func bodyAfterAnswer() throws {
    var limits = ConnectionLimits()
    limits.bodyBytes = 1000
    let connection = try EmbeddedConnection(limits)
    connection.send(post + "Transfer-Encoding: chunked\r\n\r\n")
    connection.answer()
    connection.send("3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n")
    #expect(connection.isOpen)
    connection.send("1\r\nx\r\n")
    #expect(!connection.isOpen && connection.statuses == [200])
  }

  @Test("Extensions of chunks cannot be endless")
  func extensions() throws {
    let connection = try EmbeddedConnection()
    connection.send(post + "Transfer-Encoding: chunked\r\n\r\n2;")
    connection.send(String(repeating: "a", count: (16 << 10) - 16))
    #expect(connection.statuses.isEmpty)
    connection.send(String(repeating: "a", count: 32))
    #expect(connection.statuses == [400])
  }

  @Test("A body in the smallest chunks is no attack")
  func smallChunks() throws {
    let connection = try EmbeddedConnection()
    connection.send(post + "Transfer-Encoding: chunked\r\n\r\n")
    for _ in 0..<50_000 { connection.send("1\r\nx\r\n") }
    connection.send("0\r\n\r\n")
    #expect(connection.bodies == [String(repeating: "x", count: 50_000)])
  }

  @Test(
    "The number and the size of header fields have limits",
    arguments: [
      (99, 10, 200), (100, 10, 200), (101, 10, 431),
      (5, 7_000, 200), (6, 7_000, 431), (1, 40_000, 431),
    ])
  func fields(fields: Int, size: Int, status: Int) throws {
    let connection = try EmbeddedConnection()
    let value = String(repeating: "v", count: size)
    // Host is one of them.
    let lines = (1..<max(2, fields)).map { "F\($0): \(value)\r\n" }.joined()
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n")
    if !connection.requests.isEmpty { connection.answer() }
    #expect(connection.statuses == [status])
  }

  @Test("All fields together may have 32 KiB", arguments: [(-1, 200), (0, 200), (1, 431)])
  func headSize(beyond: Int, status: Int) throws {
    let connection = try EmbeddedConnection()
    // "/a", Host, and three fields with names of one byte.
    let rest = (32 << 10) - 2 - 4 - 9 - 3 - 20_000 + beyond
    let long = String(repeating: "a", count: 10_000)
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\nA: \(long)\r\nB: \(long)\r\n")
    connection.send("C: \(String(repeating: "c", count: rest))\r\n\r\n")
    if !connection.requests.isEmpty { connection.answer() }
    #expect(connection.statuses == [status])
  }

  @Test(
    "What goes wrong in the first line has its own status",
    arguments: [
      ("GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\n\r\n", 414),
      ("GET /a HTTP/1.2\r\n\r\n", 505), ("GET /a HTTP/3.0\r\n\r\n", 505), ("GET /a\r\n\r\n", 505),
      ("BREW /pot HTTP/1.1\r\n\r\n", 405), ("TRACE /a HTTP/1.1\r\n\r\n", 405),
      ("CONNECT localhost:80 HTTP/1.1\r\n\r\n", 405), ("brew /pot HTTP/1.1\r\n\r\n", 400),
      ("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", 400), ("\u{16}\u{3}\u{1}", 400),
    ])
  func firstLine(text: String, status: Int) throws {
    let connection = try EmbeddedConnection()
    connection.send(text)
    #expect(connection.statuses == [status])
    #expect(!connection.isOpen && connection.requests.isEmpty)
  }

  @Test("A stop lets the answer end that has begun, and ends an idle connection at once")
  func stop() throws {
    let busy = try EmbeddedConnection()
    busy.send(get)
    busy.beginAnswer(length: 2)
    busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    busy.send(get)
    #expect(busy.isOpen && busy.requests.count == 1)
    busy.write(.body(ByteBuffer(string: "{}")))
    busy.write(.end(nil))
    #expect(!busy.isOpen && busy.sent.hasSuffix("{}"))
    let idle = try EmbeddedConnection()
    idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    #expect(!idle.isOpen)
  }

  @Test("Permission to send a body waits for the answers before it")
  func permission() throws {
    let connection = try EmbeddedConnection()
    connection.send(get + post + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    #expect(connection.statuses.isEmpty)
    connection.answer()
    #expect(connection.statuses == [200, 100])
    connection.send("{}")
    #expect(connection.bodies == ["", "{}"])
  }
}
