import NIOCore
import TestSupport
import Testing

@testable import HTTPTransport

@Suite("Requests with bytes changed at random")
struct MutatedRequestTests {
  private static let requests = [
    "GET /v1/models/a%20b?c=d HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789",
    "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "5;a=b\r\n01234\r\n5\r\n56789\r\n0\r\nA: b\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "GET http://localhost/a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
    "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
  ]
  private static let interesting = Array("\0\t\r\n :;,/%+-0159aFG\u{7F}".utf8) + [0x80, 0xFF]

  @Test("Whatever comes, it is answered or not, and nothing breaks", arguments: UInt64(0)..<8)
  func mutations(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<150 {
      let connection = try EmbeddedConnection()
      var unsent = Self.stream(using: &generator)[...]
      while !unsent.isEmpty, connection.isOpen {
        let count = Int.random(in: 1...64, using: &generator)
        connection.send(bytes: unsent.prefix(count))
        unsent = unsent.dropFirst(count)
        if connection.unanswered > 0, Bool.random(using: &generator) { connection.answer() }
        connection.wait(.milliseconds(Int64.random(in: 0...400, using: &generator)))
      }
      while connection.unanswered > 0, connection.isOpen { connection.answer() }
      connection.wait(.hours(1))
      #expect(!connection.isOpen)
      let allowed: Set = [100, 200, 400, 405, 408, 413, 414, 415, 417, 431, 501, 505]
      #expect(allowed.isSuperset(of: connection.statuses), "\(connection.statuses)")
      #expect(connection.statuses.count { $0 >= 400 } <= 1)
      #expect(connection.statuses.count { $0 == 200 } <= connection.requests.count)
    }
  }

  /// A few requests one after the other, with bytes changed, taken out, put in or repeated.
  private static func stream(using generator: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      bytes += (requests.randomElement(using: &generator) ?? "").utf8
    }
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      let byte = interesting.randomElement(using: &generator) ?? 0
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = byte
      case 1: bytes.insert(byte, at: place)
      case 2: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
      default: bytes.removeSubrange(place..<min(bytes.count - 1, place + 5))
      }
    }
    return bytes
  }
}
