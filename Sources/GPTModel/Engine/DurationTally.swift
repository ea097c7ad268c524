/// How often something happened, and how long it took.
public struct DurationTally: Sendable, Hashable {
  /// The longest time, in seconds.
  public private(set) var longest = 0.0
  /// The times; nil before the first, since most tallies are of nothing.
  private var times: Distribution?

  /// Eighths of octaves of microseconds, up to some hours.
  private static let bounds: [Double] = (0..<(36 * 8)).map { eighth in
    let octave = Double(sign: .plus, exponent: eighth / 8, significand: 1e-6)
    return octave * (1 + Double(eighth % 8 + 1) / 8)
  }

  /// How often.
  public var count: Int { times?.count ?? 0 }
  /// Seconds in all.
  public var total: Double { times?.sum ?? 0 }

  /// Creates a tally of nothing.
  public init() {}

  /// Counts a time in seconds; one that is none counts as zero.
  package mutating func add(_ seconds: Double) {
    let seconds = seconds.isFinite ? max(0, seconds) : 0
    longest = max(longest, seconds)
    if times == nil { times = Distribution(bounds: Self.bounds) }
    times?.add(seconds)
  }

  /// The time that a share of all did not exceed, in seconds: at most an eighth too long, never too short.
  public func quantile(_ share: Double) -> Double {
    guard let times else { return longest }
    let wanted = share * Double(times.count)
    var seen = 0
    for (bound, count) in zip(times.bounds, times.counts) {
      seen += count
      if count > 0, Double(seen) >= wanted { return min(longest, bound) }
    }
    return longest
  }
}
