import NIOConcurrencyHelpers

/// Knows whether the client at the other end of a connection is still there.
package final class ClientConnection: Sendable {
  /// What a wait ends with when nobody is left to answer to.
  package struct Gone: Error {
    /// Says that the client has gone.
    package init() {}
  }

  /// The wish to be told; ends by `end()` or with the connection.
  package struct Watch: Sendable {
    fileprivate let connection: ClientConnection
    fileprivate let number: Int

    /// Takes the wish back.
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

  /// Runs tasks where the answer is sent from; nil for anywhere.
  package let executor: (any TaskExecutor)?
  private let state = NIOLockedValueBox(State())

  /// Stands for a client that is there.
  init(executor: (any TaskExecutor)? = nil) { self.executor = executor }

  /// Asks for an action when the client has gone; at once if it has.
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

  /// Tells that the answer has failed after its head, where the protocol can pass that on.
  package func markFailed() {
    state.withLockedValue { $0.hasFailed = true }
  }

  /// Tells all who asked that the client has gone.
  func markGone() {
    let actions = state.withLockedValue { state in
      state.isGone = true
      defer { state.actions = [:] }
      return state.actions
    }
    for action in actions.values { action() }
  }
}
