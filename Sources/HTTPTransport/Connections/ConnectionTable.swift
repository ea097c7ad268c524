/// Decides who may connect, and who has to leave for it. A value, without clock or channel.
///
/// Beyond the limits a few more connections are let in, so that their requests can be answered: what
/// watches the server's health with what it wants to know, all others with a refusal.
struct ConnectionTable {
  /// One connection, for as long as it lasts.
  typealias ID = UInt64

  /// Why there is no room for a connection.
  enum Shortage: Hashable {
    /// Its address has as many as it may have.
    case address(limit: Int)
    /// All connections are in use.
    case all
  }

  /// What becomes of a new connection.
  enum Decision: Equatable {
    /// It is let in, and another one that is idle has to leave for it.
    case admit(ID, evicting: ID?)
    /// It is let in to be told that there is no room, or how the server is.
    case restrict(ID, Shortage, evicting: ID?)
    /// Even of those there are too many, and all are in use.
    case refuse
  }

  private struct Entry {
    let address: ClientAddress?
    let isRestricted: Bool
    /// Whether the client has sent anything.
    var hasSpoken = false
    /// When it was last put out of use, counted in such events; nil while it is in use.
    var idleSince: UInt64?
  }

  private let maximum: Int
  private let perAddress: AddressLimit
  private var entries: [ID: Entry] = [:]
  /// Those for which there was room, by their addresses.
  private var counts: [ClientAddress: Int] = [:]
  private var lastID: ID = 0
  private var events: UInt64 = 0

  /// Begins without connections.
  init(maximum: Int, perAddress: AddressLimit) {
    self.maximum = maximum
    self.perAddress = perAddress
  }

  /// Connections that were let in and have not left.
  var count: Int { entries.count }
  /// Those among them for which there was no room.
  private(set) var restrictedCount = 0

  /// Connections that have to be let in after one that is silent before that one can leave for others.
  /// Its first bytes may be on their way.
  static func patience(with maximum: Int) -> Int { max(16, maximum / 2) }

  /// Connections that are let in beyond the maximum.
  static func reserve(beyond maximum: Int) -> Int { max(16, maximum / 8) }

  /// Decides about a new connection, which is not in use yet.
  mutating func admit(_ address: ClientAddress?) -> Decision {
    var evicted: ID?
    if let address, let shortage = shortage(of: address) {
      evicted = evict(patiently: true) { !$0.isRestricted && $0.address == address }
      guard evicted != nil else { return restrict(address, shortage) }
    } else if entries.count - restrictedCount >= maximum {
      evicted = evict(patiently: true) { !$0.isRestricted }
      guard evicted != nil else { return restrict(address, .all) }
    }
    return .admit(add(address, isRestricted: false), evicting: evicted)
  }

  /// Takes note of the first bytes of a connection.
  mutating func markSpoken(_ id: ID) {
    entries[id]?.hasSpoken = true
  }

  /// Takes note of whether a connection is in use.
  mutating func mark(_ id: ID, idle: Bool) {
    guard entries[id] != nil else { return }
    events += 1
    entries[id]?.hasSpoken = true
    entries[id]?.idleSince = idle ? events : nil
  }

  /// Strikes out a connection.
  mutating func remove(_ id: ID) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    guard !entry.isRestricted else {
      restrictedCount -= 1
      return
    }
    guard let address = entry.address else { return }
    let count = counts[address, default: 1] - 1
    counts[address] = count > 0 ? count : nil
  }

  /// Strikes out the connection that has not been in use for longest; nil if all are.
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
    entries[lastID] = Entry(address: address, isRestricted: isRestricted, idleSince: events)
    if isRestricted {
      restrictedCount += 1
    } else if let address {
      counts[address, default: 0] += 1
    }
    return lastID
  }

  private mutating func evict(
    patiently: Bool = false, among isCandidate: (Entry) -> Bool
  ) -> ID? {
    let patience = patiently ? UInt64(Self.patience(with: maximum)) : 0
    var oldest: (id: ID, since: UInt64)?
    for (id, entry) in entries where isCandidate(entry) {
      guard entry.hasSpoken || lastID - id >= patience, let since = entry.idleSince,
        since < oldest?.since ?? .max
      else { continue }
      oldest = (id, since)
    }
    guard let oldest else { return nil }
    remove(oldest.id)
    return oldest.id
  }
}
