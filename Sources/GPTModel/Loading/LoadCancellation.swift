import Synchronization

/// Whether a model that is being loaded is still wanted.
package final class LoadCancellation: Sendable {
  private let isCancelled = Atomic(false)

  /// Creates the state of a model that is wanted.
  package init() {}

  /// Notes that nobody wants the model any more.
  package func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Throws `CancellationError` where nobody wants the model any more.
  func check() throws {
    if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
  }
}
