import NIOCore
import Testing

@testable import HTTPTransport

@Suite("Who may connect")
struct ConnectionTableTests {
  private typealias Decision = ConnectionTable.Decision

  @Test("One address has as many connections in use as it may have, and others still connect")
  func perAddress() throws {
    var table = ConnectionTable(maximum: 100, perAddress: AddressLimit(3))
    let one = try #require(try address("192.0.2.1"))
    let ids = (0..<3).compactMap { _ in admitBusy(&table, one) }
    #expect(ids.count == 3)
    #expect(table.admit(one) == .restrict(4, .address(limit: 3), evicting: nil))
    #expect(admitBusy(&table, try address("192.0.2.2")) == 5)
    table.remove(ids[1])
    #expect(admitBusy(&table, one) == 6)
    #expect(table.admit(one) == .restrict(7, .address(limit: 3), evicting: nil))
  }

  @Test("At its limit an address loses its own oldest idle connection, and nobody else's")
  func evictionPerAddress() throws {
    var table = ConnectionTable(maximum: 100, perAddress: AddressLimit(2))
    let (one, two) = (try address("192.0.2.1"), try address("192.0.2.2"))
    #expect(table.admit(two) == .admit(1, evicting: nil))
    #expect(table.admit(one) == .admit(2, evicting: nil))
    table.markSpoken(2)
    #expect(admitBusy(&table, one) == 3)
    #expect(table.admit(one) == .admit(4, evicting: 2))
    table.mark(4, idle: false)
    #expect(table.admit(one) == .restrict(5, .address(limit: 2), evicting: nil))
  }

  @Test(
    "By default programs on the same machine have any number, and others 1024",
    arguments: [
      ("127.0.0.1", 0), ("127.9.9.9", 0), ("::1", 0), ("::ffff:127.0.0.1", 0),
      ("192.0.2.1", 1024), ("::2", 1024), ("2001:db8::1", 1024), ("::ffff:192.0.2.1", 1024),
    ])
  func defaults(text: String, limit: Int) throws {
    let address = try #require(try address(text))
    #expect(AddressLimit(nil).of(address) == limit)
    #expect(AddressLimit(7).of(address) == 7)
    #expect(AddressLimit(0).of(address) == 0)
  }

  @Test("What has no address is not counted by address")
  func unlimited() throws {
    var local = ConnectionTable(maximum: 100, perAddress: AddressLimit(1))
    #expect((0..<50).allSatisfy { _ in admitBusy(&local, nil) != nil })
  }

  @Test("At the limit the connection leaves that has been idle for longest")
  func eviction() {
    var table = ConnectionTable(maximum: 3, perAddress: AddressLimit(0))
    for id in UInt64(1)...3 {
      #expect(table.admit(nil) == .admit(id, evicting: nil))
      table.markSpoken(id)
    }
    table.mark(1, idle: false)
    table.mark(1, idle: true)
    table.mark(2, idle: false)
    #expect(table.admit(nil) == .admit(4, evicting: 3))
    #expect(table.admit(nil) == .admit(5, evicting: 1))
    #expect(table.count == 3)
  }

  @Test(
    "What has just been let in and is silent does not leave for another one, until many have come")
  func silent() {
    var table = ConnectionTable(maximum: 1, perAddress: AddressLimit(0))
    #expect(table.admit(nil) == .admit(1, evicting: nil))
    let patience = UInt64(ConnectionTable.grace(with: 1))
    for id in 2...patience {
      #expect(table.admit(nil) == .restrict(id, .all, evicting: nil))
      table.remove(id)
    }
    #expect(table.admit(nil) == .restrict(patience + 1, .all, evicting: nil))
    #expect(table.admit(nil) == .admit(patience + 2, evicting: 1))
  }

  @Test("When all are in use, a few more are let in with a restriction, and then none")
  func busy() {
    var table = ConnectionTable(maximum: 2, perAddress: AddressLimit(0))
    for _ in 0..<2 { _ = admitBusy(&table, nil) }
    let reserve = ConnectionTable.reserve(beyond: 2)
    for id in 3...UInt64(2 + reserve) {
      #expect(table.admit(nil) == .restrict(id, .all, evicting: nil))
    }
    #expect(table.count == 2 + reserve && table.restrictedCount == reserve)
    // Of the restricted ones the oldest leaves that has not sent a request.
    table.mark(3, idle: false)
    #expect(table.admit(nil) == .restrict(UInt64(3 + reserve), .all, evicting: 4))
    for id in 5...UInt64(3 + reserve) { table.mark(id, idle: false) }
    #expect(table.admit(nil) == .refuse)
    table.remove(5)
    #expect(table.restrictedCount == reserve - 1)
  }

  @Test("The room of a connection that was restricted is nobody's")
  func restrictedRoom() throws {
    var table = ConnectionTable(maximum: 100, perAddress: AddressLimit(1))
    let one = try address("192.0.2.1")
    #expect(admitBusy(&table, one) == 1)
    #expect(table.admit(one) == .restrict(2, .address(limit: 1), evicting: nil))
    table.remove(2)
    #expect(table.admit(one) == .restrict(3, .address(limit: 1), evicting: nil))
    table.remove(1)
    #expect(admitBusy(&table, one) == 4)
  }

  @Test("What has left cannot be marked or removed again")
  func gone() throws {
    var table = ConnectionTable(maximum: 2, perAddress: AddressLimit(1))
    let one = try #require(try address("192.0.2.1"))
    #expect(table.admit(one) == .admit(1, evicting: nil))
    table.remove(1)
    table.remove(1)
    table.mark(1, idle: true)
    #expect(table.count == 0 && table.evict() == nil)
    #expect(table.admit(one) == .admit(2, evicting: nil))
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

  /// Lets a connection in that is in use at once; nil if it is not let in, or somebody has to leave.
  private func admitBusy(
    _ table: inout ConnectionTable, _ address: ClientAddress?
  ) -> ConnectionTable.ID? {
    guard case .admit(let id, nil) = table.admit(address) else { return nil }
    table.mark(id, idle: false)
    return id
  }
}
