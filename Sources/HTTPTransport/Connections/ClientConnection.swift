import NIOConcurrencyHelpers

/// Tracks whether the client of a connection is connected.
package final class ClientConnection: Sendable {
  /// The client has disconnected.
  package struct Gone: Error {
    /// Creates the error.
    package init() {}
  }

  /// A registered action; it ends by `end()` or with the connection.
  package struct Watch: Sendable {
    fileprivate let connection: ClientConnection
    fileprivate let number: Int

    /// Removes the action.
    package func end() {
      connection.state.withLockedValue { _ = $0.actions.removeValue(forKey: number) }
    }
  }

  private struct State {
    var isGone = false
    var hasFailed = false
    var lastNumber = 0
    var actions: [Int: @Sendable () -> Void] = [:]
  }

  /// The connection whose request is being answered; nil where the server is not this package's.
  @TaskLocal package static var current: ClientConnection?

  /// The executor of the connection's event loop; nil for any thread.
  package let executor: (any TaskExecutor)?
  private let state = NIOLockedValueBox(State())

  /// Creates a connected client.
  init(executor: (any TaskExecutor)? = nil) { self.executor = executor }

  /// Registers an action for when the client disconnects; runs it at once if the client already has.
  package func whenGone(_ action: @escaping @Sendable () -> Void) -> Watch {
    let number = state.withLockedValue { state -> Int? in
      guard !state.isGone else { return nil }
      state.lastNumber += 1
      state.actions[state.lastNumber] = action
      return state.lastNumber
    }
    if number == nil { action() }
    return Watch(connection: self, number: number ?? 0)
  }

  /// Whether the answer that is being sent has failed after its head.
  var hasFailed: Bool { state.withLockedValue { $0.hasFailed } }

  /// Marks the answer as failed after its head, so that HTTP/2 resets the stream.
  package func markFailed() {
    state.withLockedValue { $0.hasFailed = true }
  }

  /// Marks the client as disconnected and runs all actions.
  func markGone() {
    let actions = state.withLockedValue { state in
      state.isGone = true
      defer { state.actions = [:] }
      return state.actions
    }
    for action in actions.values { action() }
  }
}
