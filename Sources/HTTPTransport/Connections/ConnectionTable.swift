/// Admits connections under limits and chooses which one to evict. A value, without clock or channel.
///
/// A reserve of connections is admitted beyond the limits, so that health checks are answered and other
/// requests are refused with a status.
struct ConnectionTable {
  /// One connection, for as long as it lasts.
  typealias ID = UInt64

  /// Why there is no room for a connection.
  enum Shortage: Hashable {
    /// The address has reached its limit.
    case address(limit: Int)
    /// All connections are in use.
    case all
  }

  /// The decision about a new connection.
  enum Decision: Equatable {
    /// The connection is admitted, and an idle one is evicted for it.
    case admit(ID, evicting: ID?)
    /// The connection is admitted, but only health checks are answered on it.
    case restrict(ID, Shortage, evicting: ID?)
    /// The reserve beyond the limits is in use too, so that the connection is closed.
    case refuse
  }

  private struct Connection {
    let address: ClientAddress?
    let isRestricted: Bool
    /// Whether the client has sent anything.
    var hasSpoken = false
    /// When it was last put out of use, counted in such events; nil while it is in use.
    var idleSince: UInt64?
  }

  private let maximum: Int
  private let perAddress: AddressLimit
  private var connections: [ID: Connection] = [:]
  /// The connections within the limits, counted by address.
  private var counts: [ClientAddress: Int] = [:]
  private var lastID: ID = 0
  private var events: UInt64 = 0

  /// Begins without connections.
  init(maximum: Int, perAddress: AddressLimit) {
    self.maximum = maximum
    self.perAddress = perAddress
  }

  /// Connections that were let in and have not left.
  var count: Int { connections.count }
  /// The admitted connections that are beyond the limits.
  private(set) var restrictedCount = 0

  /// The grace of a connection on which nothing has arrived: how many connections have to be admitted
  /// after it before it can be evicted. Its first bytes may be on their way.
  static func grace(with maximum: Int) -> Int { max(16, maximum / 2) }

  /// Connections that are let in beyond the maximum.
  static func reserve(beyond maximum: Int) -> Int { max(16, maximum / 8) }

  /// Decides about a new connection, which is not in use yet.
  mutating func admit(_ address: ClientAddress?) -> Decision {
    var evicted: ID?
    if let address, let shortage = shortage(of: address) {
      evicted = evict(withGrace: true) { !$0.isRestricted && $0.address == address }
      guard evicted != nil else { return restrict(address, shortage) }
    } else if connections.count - restrictedCount >= maximum {
      evicted = evict(withGrace: true) { !$0.isRestricted }
      guard evicted != nil else { return restrict(address, .all) }
    }
    return .admit(add(address, isRestricted: false), evicting: evicted)
  }

  /// Takes note of the first bytes of a connection.
  mutating func markSpoken(_ id: ID) {
    connections[id]?.hasSpoken = true
  }

  /// Takes note of whether a connection is in use.
  mutating func mark(_ id: ID, idle: Bool) {
    guard connections[id] != nil else { return }
    events += 1
    connections[id]?.hasSpoken = true
    connections[id]?.idleSince = idle ? events : nil
  }

  /// Removes a connection.
  mutating func remove(_ id: ID) {
    guard let connection = connections.removeValue(forKey: id) else { return }
    guard !connection.isRestricted else {
      restrictedCount -= 1
      return
    }
    guard let address = connection.address else { return }
    let count = counts[address, default: 1] - 1
    counts[address] = count > 0 ? count : nil
  }

  /// Removes the connection that has been idle for longest; nil if all are in use.
  mutating func evict() -> ID? { evict { _ in true } }

  private func shortage(of address: ClientAddress) -> Shortage? {
    let limit = perAddress.of(address)
    return limit > 0 && counts[address, default: 0] >= limit ? .address(limit: limit) : nil
  }

  private mutating func restrict(_ address: ClientAddress?, _ shortage: Shortage) -> Decision {
    var evicted: ID?
    if restrictedCount >= Self.reserve(beyond: maximum) {
      evicted = evict { $0.isRestricted }
      guard evicted != nil else { return .refuse }
    }
    return .restrict(add(address, isRestricted: true), shortage, evicting: evicted)
  }

  private mutating func add(_ address: ClientAddress?, isRestricted: Bool) -> ID {
    lastID += 1
    events += 1
    connections[lastID] = Connection(
      address: address, isRestricted: isRestricted, idleSince: events)
    if isRestricted {
      restrictedCount += 1
    } else if let address {
      counts[address, default: 0] += 1
    }
    return lastID
  }

  private mutating func evict(
    withGrace: Bool = false, among isCandidate: (Connection) -> Bool
  ) -> ID? {
    let grace = withGrace ? UInt64(Self.grace(with: maximum)) : 0
    var oldest: (id: ID, since: UInt64)?
    for (id, connection) in connections where isCandidate(connection) {
      guard connection.hasSpoken || lastID - id >= grace, let since = connection.idleSince,
        since < oldest?.since ?? .max
      else { continue }
      oldest = (id, since)
    }
    guard let oldest else { return nil }
    remove(oldest.id)
    return oldest.id
  }
}
