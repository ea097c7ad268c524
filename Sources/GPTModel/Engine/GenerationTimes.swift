/// How long the parts of one generation took, in seconds.
public struct GenerationTimes: Sendable, Hashable {
  /// From the arrival to the start.
  public package(set) var queued = 0.0
  /// From the start to the first token.
  public package(set) var prefill = 0.0
  /// From the first token to the last.
  public package(set) var decode = 0.0

  /// Creates times of nothing.
  public init() {}

  /// The longer of each part in two generations.
  package func longest(_ other: Self) -> Self {
    var times = self
    times.queued = max(queued, other.queued)
    times.prefill = max(prefill, other.prefill)
    times.decode = max(decode, other.decode)
    return times
  }
}

/// When things happened in one generation.
struct Milestones {
  private let arrival: ContinuousClock.Instant
  private var start: ContinuousClock.Instant?
  private var firstToken: ContinuousClock.Instant?
  private var lastToken: ContinuousClock.Instant?

  /// Begins with the arrival.
  init(arrival: ContinuousClock.Instant = .now) {
    self.arrival = arrival
  }

  /// Notes that pages were given; later times, after they were lost, do not count.
  mutating func noteStart(at time: ContinuousClock.Instant) { start = start ?? time }

  /// Seconds since pages were given; 0 before.
  func secondsSinceStart(at time: ContinuousClock.Instant) -> Double {
    start.map { (time - $0) / .seconds(1) } ?? 0
  }

  /// Notes a token.
  ///
  /// - Returns: Seconds since the one before, or since the arrival; and whether it is the first.
  mutating func noteToken(at time: ContinuousClock.Instant) -> (seconds: Double, isFirst: Bool) {
    let isFirst = firstToken == nil
    let before = lastToken ?? arrival
    firstToken = firstToken ?? time
    lastToken = time
    return ((time - before) / .seconds(1), isFirst)
  }

  /// How long the parts took up to the last token.
  var times: GenerationTimes {
    var times = GenerationTimes()
    guard let start, let firstToken, let lastToken else { return times }
    times.queued = (start - arrival) / .seconds(1)
    times.prefill = (firstToken - start) / .seconds(1)
    times.decode = (lastToken - firstToken) / .seconds(1)
    return times
  }
}
