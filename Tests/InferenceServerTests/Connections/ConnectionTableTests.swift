import NIOCore
import Testing

@testable import InferenceServer

@Suite("Who may connect")
struct ConnectionTableTests {
  @Test("One address has as many connections as it may have, and others still connect")
  func perAddress() throws {
    var table = ConnectionTable(maximum: 100, maximumPerAddress: 3)
    let one = try #require(try address("192.0.2.1"))
    let ids = (0..<3).compactMap { _ in admitted(table.admit(one)) }
    #expect(ids.count == 3)
    #expect(table.admit(one) == .refuseAddress)
    #expect(admitted(table.admit(try address("192.0.2.2"))) != nil)
    table.remove(ids[1])
    #expect(admitted(table.admit(one)) != nil)
    #expect(table.admit(one) == .refuseAddress)
  }

  @Test("Zero allows an address any number, and what has no address is not counted")
  func unlimited() throws {
    var table = ConnectionTable(maximum: 100, maximumPerAddress: 0)
    let one = try #require(try address("::1"))
    #expect((0..<50).allSatisfy { _ in admitted(table.admit(one)) != nil })
    var local = ConnectionTable(maximum: 100, maximumPerAddress: 1)
    #expect((0..<50).allSatisfy { _ in admitted(local.admit(nil)) != nil })
  }

  @Test("At the limit the connection leaves that has been idle for longest")
  func eviction() {
    var table = ConnectionTable(maximum: 3, maximumPerAddress: 0)
    let ids = (0..<3).compactMap { _ in admitted(table.admit(nil)) }
    table.mark(ids[0], idle: false)
    table.mark(ids[0], idle: true)
    table.mark(ids[1], idle: false)
    #expect(table.admit(nil) == .admit(ids[2] + 1, leaving: ids[2]))
    #expect(table.admit(nil) == .admit(ids[2] + 2, leaving: ids[0]))
    #expect(table.count == 3)
  }

  @Test("When all are in use, a new one is refused, and nobody leaves")
  func busy() {
    var table = ConnectionTable(maximum: 2, maximumPerAddress: 0)
    for _ in 0..<2 {
      if let id = admitted(table.admit(nil)) { table.mark(id, idle: false) }
    }
    #expect(table.admit(nil) == .refuse)
    #expect(table.count == 2)
    #expect(table.evict() == nil)
  }

  @Test("What has left cannot be marked or removed again")
  func gone() throws {
    var table = ConnectionTable(maximum: 2, maximumPerAddress: 1)
    let one = try #require(try address("192.0.2.1"))
    let id = try #require(admitted(table.admit(one)))
    table.remove(id)
    table.remove(id)
    table.mark(id, idle: true)
    #expect(table.count == 0 && table.evict() == nil)
    #expect(admitted(table.admit(one)) != nil)
  }

  @Test("Addresses of one IPv6 network are one client, and a mapped IPv4 address is itself")
  func addresses() throws {
    #expect(try address("2001:db8::1") == address("2001:db8::2"))
    #expect(try address("2001:db8::1") != address("2001:db8:0:1::1"))
    #expect(try address("::ffff:192.0.2.1") == address("192.0.2.1"))
    #expect(try ClientAddress(SocketAddress(unixDomainSocketPath: "/tmp/a")) == nil)
  }

  private func address(_ text: String) throws -> ClientAddress? {
    ClientAddress(try SocketAddress(ipAddress: text, port: 1))
  }

  private func admitted(_ decision: ConnectionTable.Decision) -> ConnectionTable.ID? {
    if case .admit(let id, nil) = decision { id } else { nil }
  }
}
