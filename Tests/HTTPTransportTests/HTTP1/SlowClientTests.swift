import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import HTTPTransport

@Suite("Clients that are slow")
struct SlowClientTests {
  private let head = "POST /a HTTP/1.1\r\nHost: localhost\r\n"

  @Test("A connection on which nothing is sent ends after ten seconds, in silence")
  func silent() throws {
    let connection = try EmbeddedConnection()
    connection.wait(.milliseconds(9_999))
    #expect(connection.isOpen)
    connection.wait(.milliseconds(1))
    #expect(!connection.isOpen && connection.sent.isEmpty)
  }

  @Test("The ten seconds begin anew when a connection has been encrypted")
  func encrypted() throws {
    let connection = try EmbeddedConnection()
    connection.wait(.seconds(9))
    connection.channel.pipeline.fireUserInboundEventTriggered(
      TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
    connection.wait(.milliseconds(9_999))
    #expect(connection.isOpen)
    connection.wait(.milliseconds(1))
    #expect(!connection.isOpen)
  }

  @Test("A head that is not whole after ten seconds is answered with 408")
  func head408() throws {
    let connection = try EmbeddedConnection()
    for byte in head.prefix(19) {
      connection.wait(.milliseconds(500))
      connection.send(String(byte))
    }
    #expect(connection.statuses.isEmpty)
    connection.wait(.milliseconds(500))
    #expect(connection.statuses == [408] && !connection.isOpen)
    #expect(connection.sent.contains("Connection: close\r\n"))
    #expect(connection.sent.contains(#""code":"request_timeout""#))
  }

  @Test("The second request's ten seconds begin with its first byte")
  func secondHead() throws {
    let connection = try EmbeddedConnection()
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    connection.answer()
    connection.wait(.seconds(55))
    connection.send("G")
    connection.wait(.milliseconds(9_999))
    #expect(connection.statuses == [200])
    connection.wait(.milliseconds(1))
    #expect(connection.statuses == [200, 408])
  }

  @Test("Ends of lines between requests are no request")
  func strayLines() throws {
    let connection = try EmbeddedConnection()
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    connection.answer()
    connection.send("\r\n")
    connection.wait(.milliseconds(59_999))
    #expect(connection.isOpen)
    connection.wait(.milliseconds(1))
    #expect(!connection.isOpen && connection.statuses == [200])
  }

  @Test("A body below the slowest rate is answered with 408, and no route takes it for whole")
  func body408() throws {
    let connection = try EmbeddedConnection()
    connection.send(head + "Content-Length: 100\r\n\r\n")
    for _ in 0..<29 {
      connection.wait(.seconds(1))
      connection.send("x")
    }
    #expect(connection.statuses.isEmpty)
    connection.wait(.seconds(1))
    #expect(connection.statuses == [408])
    #expect(connection.requests.count == 1 && connection.bodies.isEmpty)
  }

  @Test(
    "A head that has begun is answered when its connection has to make room, and silence is not")
  func evicted() throws {
    for (text, statuses) in [("GET /a HT", [503]), ("", [])] {
      let connection = try EmbeddedConnection()
      connection.send(text)
      connection.channel.pipeline.fireUserInboundEventTriggered(ConnectionNotice.evicted)
      connection.wait(.zero)
      #expect(connection.statuses == statuses)
      #expect(connection.sent.contains("Retry-After: 1\r\n") == !statuses.isEmpty)
    }
  }

  @Test("A client that waits for its answer is not hurried, however long it takes")
  func waiting() throws {
    let connection = try EmbeddedConnection()
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /b HT")
    connection.wait(.hours(1))
    #expect(connection.isOpen)
    connection.answer()
    connection.wait(.milliseconds(9_999))
    #expect(connection.statuses == [200])
  }

  @Test("A client that leaves an answer unread for thirty seconds is cut off, and its work ends")
  func unread() throws {
    let connection = try EmbeddedConnection()
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    connection.beginAnswer()
    setWritable(connection, false)
    connection.wait(.milliseconds(29_999))
    #expect(connection.isOpen)
    setWritable(connection, true)
    setWritable(connection, false)
    connection.wait(.milliseconds(29_999))
    #expect(connection.isOpen)
    connection.wait(.milliseconds(1))
    #expect(!connection.isOpen)
    let told = NIOLockedValueBox(false)
    connection.client.whenGone { told.withLockedValue { $0 = true } }.end()
    #expect(told.withLockedValue { $0 })
  }

  private func setWritable(_ connection: EmbeddedConnection, _ isWritable: Bool) {
    connection.channel.isWritable = isWritable
    connection.channel.pipeline.fireChannelWritabilityChanged()
  }
}
