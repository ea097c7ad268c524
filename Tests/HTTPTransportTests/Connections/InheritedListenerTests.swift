#if os(Linux)
  import Foundation
  import HTTPTestSupport
  import Testing

  @testable import HTTPTransport

  @Suite("Sockets that listen already", .timeLimit(.minutes(10)))
  struct InheritedListenerTests {
    /// A socket that listens on a free port of loopback, as a service manager opens it.
    private struct Opened: ~Copyable {
      let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      private(set) var port = 0

      init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
              && getsockname(descriptor, $0, &size) == 0
          }
        }
        try #require(isOpen)
        port = Int(UInt16(bigEndian: address.sin_port))
      }

      deinit { close(descriptor) }
    }

    private func ask(_ port: Int) async throws -> String {
      try await RawClient.connect(port: port) { client in
        try await client.send("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return try await client.rest()
      }
    }

    @Test("They are served, and go on listening for the process that comes next")
    func served() async throws {
      let opened = try Opened()
      let port = opened.port
      for _ in 1...2 {
        var settings = TransportSettings.loopback
        // The server closes its own copy.
        settings.inheritedSockets = [dup(opened.descriptor)]
        try await LiveTransport.run(TestRoutes.server, settings) { given in
          #expect(given == port)
          let answer = try await ask(port)
          #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
      }
      // Nobody accepts now: the connection waits.
      try await RawClient.connect(port: port) { _ in }
    }

    @Test("Several are served by one server")
    func several() async throws {
      let first = try Opened()
      let second = try Opened()
      let ports = [first.port, second.port]
      var settings = TransportSettings.loopback
      settings.inheritedSockets = [dup(first.descriptor), dup(second.descriptor)]
      try await LiveTransport.run(TestRoutes.server, settings) { _ in
        for port in ports {
          let answer = try await ask(port)
          #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
      }
    }
  }
#endif
