/// How often something happened, and how long it took.
public struct DurationTally: Sendable, Hashable {
  /// How often.
  public private(set) var count = 0
  /// Seconds in all.
  public private(set) var total = 0.0
  /// The longest time, in seconds.
  public private(set) var longest = 0.0
  /// How many times fell in which bucket; each is an eighth of an octave of microseconds.
  private var buckets: [Int] = []

  private static let bucketsPerOctave = 8
  private static let octaves = 36

  /// Creates a tally of nothing.
  public init() {}

  /// Counts a time in seconds; one that is none counts as zero.
  package mutating func add(_ seconds: Double) {
    let seconds = seconds.isFinite ? max(0, seconds) : 0
    count += 1
    total += seconds
    longest = max(longest, seconds)
    if buckets.isEmpty {
      buckets = Array(repeating: 0, count: Self.bucketsPerOctave * Self.octaves)
    }
    buckets[Self.bucket(of: seconds)] += 1
  }

  /// The time that a share of all did not exceed, in seconds: at most an eighth too long, never too short.
  public func quantile(_ share: Double) -> Double {
    let wanted = share * Double(count)
    var seen = 0
    for (bucket, times) in buckets.enumerated() {
      seen += times
      if times > 0, Double(seen) >= wanted { return min(longest, Self.end(of: bucket)) }
    }
    return longest
  }

  private static func bucket(of seconds: Double) -> Int {
    let microseconds = seconds * 1e6
    guard microseconds > 1 else { return 0 }
    let octave = Int(microseconds.exponent)
    guard octave < octaves else { return octaves * bucketsPerOctave - 1 }
    // From 1 up to 2.
    let part = (microseconds.significand - 1) * Double(bucketsPerOctave)
    return octave * bucketsPerOctave + Int(part)
  }

  private static func end(of bucket: Int) -> Double {
    let octave = bucket / bucketsPerOctave
    let part = Double(bucket % bucketsPerOctave + 1) / Double(bucketsPerOctave)
    return (1 + part) * Double(sign: .plus, exponent: octave, significand: 1) / 1e6
  }
}
