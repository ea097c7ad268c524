/// Where the time went while a model was loaded, in seconds.
public struct LoadingTimes: Sendable, Hashable {
  /// Reading and checking the header, and building the vocabulary and the chat template.
  public var header = 0.0
  /// Reading the file and hashing it.
  public var reading = 0.0
  /// Checking the weights and repacking them for the kernels, on all threads.
  public var packing = 0.0

  /// All of it.
  public var total: Double { header + reading + packing }

  /// Takes the times of one load.
  struct Stopwatch {
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant
    private var times = LoadingTimes()

    init() {
      start = clock.now
    }

    /// Ends the first part.
    mutating func endHeader() {
      times.header = (clock.now - start) / .seconds(1)
      start = clock.now
    }

    /// Runs a piece of packing.
    mutating func packing(_ body: () throws -> Void) rethrows {
      let begin = clock.now
      try body()
      times.packing += (clock.now - begin) / .seconds(1)
    }

    /// Ends the last part.
    func finish() -> LoadingTimes {
      var times = times
      times.reading = (clock.now - start) / .seconds(1) - times.packing
      return times
    }
  }
}
