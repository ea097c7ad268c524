/// Tells the time since a run began.
struct Stopwatch: Sendable {
  private let start = ContinuousClock.now

  /// The time since the start.
  var elapsed: Duration { ContinuousClock.now - start }

  /// Waits until a moment of the run; throws when the task is cancelled.
  func sleep(until moment: Duration) async throws {
    try await Task.sleep(until: start + moment, tolerance: .zero, clock: .continuous)
  }
}
