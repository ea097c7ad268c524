import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import HTTPTransport

@Suite("The first bytes of a connection")
final class PrefaceSnifferTests {
  private let channel = EmbeddedChannel()
  private var findings: [PrefaceSniffer.Finding] = []

  init() throws {
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let sniffer = PrefaceSniffer { [weak self] in self?.findings.append($0) }
    try channel.pipeline.syncOperations.addHandler(sniffer)
  }

  /// What comes out behind the sniffer.
  private func passed() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let next = try channel.readInbound(as: ByteBuffer.self) {
      bytes += next.readableBytesView
    }
    return bytes
  }

  private func send(_ text: some Collection<UInt8>, pieces: Int) throws {
    for byte in stride(from: 0, to: text.count, by: pieces) {
      try channel.writeInbound(ByteBuffer(bytes: text.dropFirst(byte).prefix(pieces)))
    }
  }

  @Test(
    "The preface is HTTP/2, however it is cut, and no byte is lost", arguments: [1, 2, 23, 24, 99])
  func http2(pieces: Int) throws {
    let bytes = PrefaceSniffer.preface + [1, 2, 3]
    try send(bytes, pieces: pieces)
    #expect(findings == [.http2])
    #expect(try passed() == bytes)
  }

  @Test(
    "All else is HTTP/1.1, however it is cut, and no byte is lost",
    arguments: [
      "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "PRI /x HTTP/1.1\r\n", "\0",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r ",
    ], [1, 7, 99])
  func http1(text: String, pieces: Int) throws {
    try send(text.utf8, pieces: pieces)
    #expect(findings == [.http1])
    #expect(try passed() == Array(text.utf8))
  }

  @Test(
    "What TLS has agreed on is spoken, whatever the client says",
    arguments: [("h2", PrefaceSniffer.Finding.http2), ("http/1.1", .http1)])
  func negotiated(name: String, finding: PrefaceSniffer.Finding) throws {
    channel.pipeline.fireUserInboundEventTriggered(
      TLSUserEvent.handshakeCompleted(negotiatedProtocol: name))
    #expect(findings == [finding])
    for bytes in [Array("GET / HTTP/1.1\r\n".utf8), PrefaceSniffer.preface] {
      try send(bytes, pieces: 99)
      #expect(try passed() == bytes)
    }
    #expect(findings == [finding])
  }

  @Test("Where TLS has agreed on nothing, the first bytes tell")
  func notNegotiated() throws {
    channel.pipeline.fireUserInboundEventTriggered(
      TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
    #expect(findings.isEmpty)
    try send("GET".utf8, pieces: 99)
    #expect(findings == [.http1])
  }

  @Test("Nothing is found before it is certain")
  func uncertain() throws {
    try send(PrefaceSniffer.preface.dropLast(), pieces: 1)
    #expect(findings.isEmpty)
    #expect(try passed().isEmpty)
  }

  @Test("A client that has not begun to speak after ten seconds is let go", arguments: [0, 1, 23])
  func deadline(bytes: Int) throws {
    try send(PrefaceSniffer.preface.prefix(bytes), pieces: 30)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(9999))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
    channel.embeddedEventLoop.run()
    #expect(findings == [.nothing])
  }

  @Test("A client that has begun is not let go")
  func begun() throws {
    try send("G".utf8, pieces: 1)
    channel.embeddedEventLoop.advanceTime(by: .seconds(60))
    #expect(channel.isActive)
  }

  @Test("A server that stops does not wait for clients that have not begun to speak")
  func quiescing() {
    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    #expect(!channel.isActive)
  }
}
