import Platform

/// Lets one thread at a time work, in the order in which they came.
// Unchecked: the numbers are only touched while the lock is held.
package final class Turns: @unchecked Sendable {
  private let gate = Condition()
  /// The turn of the next thread to come.
  private var next: UInt64 = 0
  /// Whose turn it is.
  private var current: UInt64 = 0

  /// Creates turns that nobody has taken.
  package init() {}

  /// Waits for the caller's turn and runs `body`.
  package func take<Result, Failure>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    gate.lock()
    let own = next
    next &+= 1
    while current != own { gate.wait() }
    gate.unlock()
    defer { pass() }
    return try body()
  }

  private func pass() {
    gate.lock()
    current &+= 1
    let isAwaited = current != next
    gate.unlock()
    if isAwaited { gate.wakeAll() }
  }
}
