import Foundation
import NIOCore
import Testing

@testable import HTTPTransport

@Suite("Addresses to listen at")
struct ListenAddressTests {
  @Test(
    "Localhost is two addresses, and every other host one",
    arguments: [
      ("localhost", "127.0.0.1", "::1"), ("LOCALHOST", "127.0.0.1", "::1"),
      ("127.0.0.1", "127.0.0.1", nil), ("::1", "::1", nil), ("0.0.0.0", "0.0.0.0", nil),
    ] as [(String, String, String?)])
  func addresses(host: String, bound: String, twin: String?) {
    let address = ListenAddress(host: host, port: 1)
    #expect(address.bound == bound && address.twin == twin)
  }

  @Test(
    "A URL has a host that can be reached from here",
    arguments: [
      ("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"),
      ("[fe80::1]", "[fe80::1]"), ("10.0.0.1", "10.0.0.1"), ("chat.example", "chat.example"),
    ])
  func urls(host: String, reachable: String) {
    #expect(ListenAddress.reachable(host) == reachable)
  }

  @Test(
    "What the system says is put into words",
    arguments: [
      (EADDRINUSE, "another program listens at port 80 of h"), (EADDRNOTAVAIL, "h is no address"),
      (EACCES, "port 80 is reserved"), (ENOBUFS, "cannot listen at h: "),
    ])
  func words(code: CInt, beginning: String) {
    let address = ListenAddress(host: "h", port: 80)
    let error = ListenError(IOError(errnoCode: code, reason: "bind"), at: address)
    #expect(error?.description.hasPrefix(beginning) == true)
    #expect(ListenError(CancellationError(), at: address) == nil)
  }
}
