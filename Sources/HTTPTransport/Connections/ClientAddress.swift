import NIOCore

/// The part of a client's address that identifies a client.
struct ClientAddress: Hashable {
  /// Whether it is this machine.
  let isLoopback: Bool
  /// The four bytes of an IPv4 address, or the first eight of an IPv6 one: a household or a company
  /// has all of the rest to itself.
  private let bytes: [UInt8]

  /// Takes what counts of an address; nil where there is none, as on a socket in the file system.
  init?(_ address: SocketAddress?) {
    guard let address else { return nil }
    let all = address.withSockAddr { start, size in
      [UInt8](UnsafeRawBufferPointer(start: start, count: size))
    }
    // Behind the family and the port; in IPv6 behind the flow label as well.
    switch address.protocol {
    case .inet where all.count >= 8:
      bytes = Array(all[4..<8])
      isLoopback = bytes.first == 127
    case .inet6 where all.count >= 24:
      let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
      let isMapped = all[8..<20].elementsEqual(mapped)
      bytes = Array(isMapped ? all[20..<24] : all[8..<16])
      let isOne = all[8..<23].allSatisfy { $0 == 0 } && all[23] == 1
      isLoopback = isMapped ? bytes.first == 127 : isOne
    default:
      return nil
    }
  }
}

/// How many connections one client's address may have; 0 for any number.
struct AddressLimit: Hashable, Sendable {
  /// The limit of an address of this machine.
  let loopback: Int
  /// The limit of any other address.
  let other: Int

  /// Takes one number for all; without one, the programs of this machine are not limited.
  init(_ limit: Int?) {
    loopback = limit ?? 0
    other = limit ?? 1024
  }

  /// The limit of an address.
  func of(_ address: ClientAddress) -> Int { address.isLoopback ? loopback : other }
}
