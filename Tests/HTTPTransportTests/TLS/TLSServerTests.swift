import HTTPTestSupport
import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import HTTPTransport

@Suite(
  "An encrypted server", .timeLimit(.minutes(10)),
  .enabled(if: TestCertificate.canBeMade, Comment(rawValue: TestCertificate.need)))
struct TLSServerTests {
  private let made = TestCertificate()

  @Test("A client that trusts the certificate is served, without encryption nobody is")
  func serves() async throws {
    try await run { port in
      let answer = try await curl(
        "--http1.1", "--cacert", made.files.certificate,
        "https://localhost:\(port)/health/live", "https://localhost:\(port)/health/live")
      #expect(answer == #"{"status":"ok"}{"status":"ok"}"#)
      let plain = try await RawClient.connect(port: port) { client in
        try await client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try await client.rest()
      }
      #expect(!plain.contains("HTTP/1.1"))
    }
  }

  @Test(
    "Only TLS 1.2 and 1.3 with authenticated encryption are spoken",
    arguments: [
      (["-tls1_3"], true), (["-tls1_2"], true),
      (["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], true),
      (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384"], false),
      (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], false),
      (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], false),
      (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], false),
    ])
  func versions(arguments: [String], isSpoken: Bool) async throws {
    try await run { port in
      let heard = try? await output(
        beside: "openssl", ["s_client", "-connect", "127.0.0.1:\(port)"] + arguments)
      #expect((heard?.contains("Cipher is (NONE)") == false) == isSpoken)
    }
  }

  @Test("Clients are offered HTTP/2 first, and HTTP/1.1")
  func protocols() async throws {
    try await run { port in
      for offer in ["h2,http/1.1", "http/1.1", "http/1.1,h2"] {
        let heard = try await output(
          beside: "openssl", ["s_client", "-connect", "127.0.0.1:\(port)", "-alpn", offer])
        let chosen = offer.contains("h2") ? "h2" : "http/1.1"
        #expect(heard.contains("ALPN protocol: \(chosen)\n"))
      }
    }
  }

  @Test("Who has agreed on HTTP/2 is served over nothing else")
  func agreed() async throws {
    try await run { port in
      let request = #"printf 'GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'"#
      for (offer, isServed) in [("http/1.1", true), ("h2", false)] {
        // The server ends the connection; a client that is quiet does not end it with its input.
        let client = "openssl s_client -connect 127.0.0.1:\(port) -quiet -alpn \(offer)"
        let heard = (try? await output(beside: "sh", ["-c", "\(request) | \(client)"])) ?? ""
        #expect(heard.contains("HTTP/1.1") == isServed)
      }
    }
  }

  @Test("A handshake that does not end is cut off after ten seconds")
  func handshake() throws {
    let stalled = try embedded()
    stalled.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
    #expect(stalled.isActive)
    stalled.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!stalled.isActive)
    let complete = try embedded()
    complete.pipeline.fireUserInboundEventTriggered(
      TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
    complete.embeddedEventLoop.advanceTime(by: .hours(1))
    #expect(complete.isActive)
  }

  private func embedded() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(handler: TLSHandshakeHandler(logger: silent))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  private func run(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try made.make()
    var settings = TransportSettings.loopback
    settings.tls = made.files
    try await LiveTransport.run(TestRoutes.server, settings, body)
  }
}
