/// Decides who may connect, and who has to leave for it. A value, without clock or channel.
struct ConnectionTable {
  /// One connection, for as long as it lasts.
  typealias ID = UInt64

  /// What becomes of a new connection.
  enum Decision: Equatable {
    /// It is let in, and another one that is not in use has to leave for it.
    case admit(ID, leaving: ID?)
    /// Its address has as many as it may have.
    case refuseAddress
    /// All connections are in use.
    case refuse
  }

  private struct Entry {
    let address: ClientAddress?
    /// When it was last put out of use, counted in such events; nil while it is in use.
    var idleSince: UInt64?
  }

  private let maximum: Int
  private let maximumPerAddress: Int
  private var entries: [ID: Entry] = [:]
  private var counts: [ClientAddress: Int] = [:]
  private var lastID: ID = 0
  private var events: UInt64 = 0

  /// Begins without connections.
  ///
  /// - Parameter maximumPerAddress: Connections that one address may have; 0 for any number.
  init(maximum: Int, maximumPerAddress: Int) {
    self.maximum = maximum
    self.maximumPerAddress = maximumPerAddress
  }

  /// Connections that were let in and have not left.
  var count: Int { entries.count }

  /// Decides about a new connection, which is not in use yet.
  mutating func admit(_ address: ClientAddress?) -> Decision {
    if let address, maximumPerAddress > 0, counts[address, default: 0] >= maximumPerAddress {
      return .refuseAddress
    }
    var leaving: ID?
    if entries.count >= maximum {
      leaving = evict()
      guard leaving != nil else { return .refuse }
    }
    lastID += 1
    events += 1
    entries[lastID] = Entry(address: address, idleSince: events)
    if let address { counts[address, default: 0] += 1 }
    return .admit(lastID, leaving: leaving)
  }

  /// Takes note of whether a connection is in use.
  mutating func mark(_ id: ID, idle: Bool) {
    guard entries[id] != nil else { return }
    events += 1
    entries[id]?.idleSince = idle ? events : nil
  }

  /// Strikes out a connection.
  mutating func remove(_ id: ID) {
    guard let address = entries.removeValue(forKey: id)?.address else { return }
    let count = counts[address, default: 1] - 1
    counts[address] = count > 0 ? count : nil
  }

  /// Strikes out the connection that has not been in use for longest; nil if all are.
  mutating func evict() -> ID? {
    let idle = entries.lazy.compactMap { id, entry in entry.idleSince.map { (id, $0) } }
    guard let oldest = idle.min(by: { $0.1 < $1.1 })?.0 else { return nil }
    remove(oldest)
    return oldest
  }
}
