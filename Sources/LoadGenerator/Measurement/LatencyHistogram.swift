import Histogram

/// Counts latencies to three significant digits, from half a microsecond to a day.
///
/// Its size does not grow with what it counts. The mean is of the exact values.
struct LatencyHistogram: Sendable {
  private static let longest: UInt64 = 86_400_000_000_000
  private var histogram = Histogram<UInt64>(
    lowestDiscernibleValue: 1000, highestTrackableValue: longest,
    numberOfSignificantValueDigits: .three)
  private var total = 0.0

  /// Counts a latency; what is out of range counts as the nearest that is not.
  mutating func record(_ latency: Duration) {
    let nanoseconds = min(Double(Self.longest), max(0, latency / .nanoseconds(1)))
    histogram.record(UInt64(exactly: nanoseconds.rounded()) ?? 0)
    total += nanoseconds
  }

  /// How many were counted.
  var count: Int { Int(clamping: histogram.totalCount) }

  /// The mean, or nil of none.
  var mean: Duration? {
    count > 0 ? .nanoseconds(Int64(exactly: (total / Double(count)).rounded()) ?? 0) : nil
  }

  /// The longest, or nil of none.
  var longest: Duration? { count > 0 ? .nanoseconds(Int64(clamping: histogram.maxRecorded)) : nil }

  /// The latency that so many percent do not exceed, or nil of none.
  func percentile(_ percent: Double) -> Duration? {
    guard count > 0 else { return nil }
    return .nanoseconds(Int64(clamping: histogram.valueAtPercentile(percent)))
  }

  /// The share, from 0 to 1, of latencies that do not exceed each of some, in steps of the share.
  var distribution: [(latency: Duration, share: Double)] {
    guard count > 0 else { return [] }
    let percents = Array(stride(from: 0, through: 99.5, by: 0.5)) + [99.9, 100]
    return percents.compactMap { percent in
      percentile(percent).map { (latency: $0, share: percent / 100) }
    }
  }
}
