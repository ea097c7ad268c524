import NIOConcurrencyHelpers
import NIOCore

/// Counts of a server's connections.
package struct ConnectionCounts: Hashable, Sendable {
  /// Connections that are open now.
  package var open = 0
  /// Idle connections that were closed to admit others.
  package var evicted = 0
  /// Connections that were closed at once.
  package var refused = 0
}

/// All connections of a server, so that none can keep the others out.
final class Connections: Sendable {
  /// What became of a new connection.
  enum Admission {
    /// It is let in.
    case admitted(ConnectionTable.ID)
    /// It is let in, but its requests are refused except those that look at the server's health.
    case restricted(ConnectionTable.ID, RequestRefusal)
    /// It is to be closed.
    case refused
  }

  private struct State {
    var table: ConnectionTable
    var channels: [ConnectionTable.ID: any Channel] = [:]
    var counts = ConnectionCounts()
    var onDeparture: (@Sendable () -> Void)?

    mutating func takeOut(_ id: ConnectionTable.ID?) -> (any Channel)? {
      guard let id else { return nil }
      counts.evicted += 1
      return channels.removeValue(forKey: id)
    }
  }

  private let state: NIOLockedValueBox<State>

  /// Begins without connections.
  init(maximum: Int, perAddress: AddressLimit) {
    state = NIOLockedValueBox(
      State(table: ConnectionTable(maximum: maximum, perAddress: perAddress)))
  }

  /// The counts so far.
  var counts: ConnectionCounts {
    state.withLockedValue { state in
      var counts = state.counts
      counts.open = state.table.count
      return counts
    }
  }

  /// Lets a connection in, if need be by closing one that is not in use.
  func admit(_ channel: any Channel) -> Admission {
    let address = ClientAddress(channel.remoteAddress)
    let (admission, evicted) = state.withLockedValue { state in
      switch state.table.admit(address) {
      case .admit(let id, let evicted):
        state.channels[id] = channel
        return (Admission.admitted(id), state.takeOut(evicted))
      case .restrict(let id, let shortage, let evicted):
        state.channels[id] = channel
        return (.restricted(id, RequestRefusal(shortage)), state.takeOut(evicted))
      case .refuse:
        state.counts.refused += 1
        return (.refused, nil)
      }
    }
    evicted.map(Self.tell)
    switch admission {
    case .admitted(let id), .restricted(let id, _):
      channel.closeFuture.whenComplete { [self] _ in leave(id) }
    case .refused: break
    }
    return admission
  }

  /// Takes note of the first bytes of a connection.
  func markSpoken(_ id: ConnectionTable.ID) {
    state.withLockedValue { $0.table.markSpoken(id) }
  }

  /// Takes note of whether a connection is in use.
  func mark(_ id: ConnectionTable.ID, _ activity: ConnectionActivity) {
    state.withLockedValue { $0.table.mark(id, idle: activity == .idle) }
  }

  /// Closes the connection that has not been in use for longest, if there is one.
  func evict() {
    let channel = state.withLockedValue { state in state.takeOut(state.table.evict()) }
    channel.map(Self.tell)
  }

  /// Calls an action once, when any connection ends. A later action replaces it.
  func whenOneLeaves(_ action: @escaping @Sendable () -> Void) {
    state.withLockedValue { $0.onDeparture = action }
  }

  /// Has a connection's entrance close it.
  private static func tell(_ channel: any Channel) {
    channel.pipeline.fireUserInboundEventTriggered(ConnectionNotice.evicted)
  }

  private func leave(_ id: ConnectionTable.ID) {
    let onDeparture = state.withLockedValue { state in
      state.table.remove(id)
      state.channels[id] = nil
      defer { state.onDeparture = nil }
      return state.onDeparture
    }
    onDeparture?()
  }
}

extension RequestRefusal {
  /// The refusal on a connection beyond the limits.
  init(_ shortage: ConnectionTable.Shortage) {
    switch shortage {
    case .address(let limit): self = .tooManyConnections(limit: limit)
    case .all: self = .allConnectionsBusy
    }
  }
}
