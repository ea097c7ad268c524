import NIOConcurrencyHelpers
import NIOCore

/// All connections of a server, so that none can keep the others out.
final class Connections: Sendable {
  /// What became of a new connection.
  enum Admission {
    case admitted(ConnectionTable.ID)
    case refused(APIError)
  }

  private struct State {
    var table: ConnectionTable
    var channels: [ConnectionTable.ID: any Channel] = [:]
    var onDeparture: (@Sendable () -> Void)?
  }

  private let maximumPerAddress: Int
  private let state: NIOLockedValueBox<State>

  /// Begins without connections.
  init(_ configuration: ServerConfiguration) {
    maximumPerAddress = configuration.maximumConnectionsPerClient
    state = NIOLockedValueBox(
      State(
        table: ConnectionTable(
          maximum: configuration.maximumConnections, maximumPerAddress: maximumPerAddress)))
  }

  /// Lets a connection in, if need be by closing one that is not in use.
  func admit(_ channel: any Channel) -> Admission {
    let address = ClientAddress(channel.remoteAddress)
    let (decision, left) = state.withLockedValue { state in
      let decision = state.table.admit(address)
      var left: (any Channel)?
      if case .admit(let id, let leaving) = decision {
        state.channels[id] = channel
        left = leaving.flatMap { state.channels.removeValue(forKey: $0) }
      }
      return (decision, left)
    }
    left?.close(promise: nil)
    switch decision {
    case .admit(let id, _):
      channel.closeFuture.whenComplete { [self] _ in leave(id) }
      return .admitted(id)
    case .refuseAddress: return .refused(.tooManyConnections(limit: maximumPerAddress))
    case .refuse: return .refused(.allConnectionsBusy)
    }
  }

  /// Takes note of whether a connection is in use.
  func mark(_ id: ConnectionTable.ID, _ activity: ConnectionActivity) {
    state.withLockedValue { $0.table.mark(id, idle: activity == .idle) }
  }

  /// Closes the connection that has not been in use for longest, if there is one.
  func evict() {
    let channel = state.withLockedValue { state in
      state.table.evict().flatMap { state.channels.removeValue(forKey: $0) }
    }
    channel?.close(promise: nil)
  }

  /// Asks to be told, once, when any connection has ended; only who asked last is told.
  func whenOneLeaves(_ action: @escaping @Sendable () -> Void) {
    state.withLockedValue { $0.onDeparture = action }
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
