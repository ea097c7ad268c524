/// A quantity over time, in bins of a tenth of a second.
struct TimeBins: Sendable {
  /// A wider bin.
  struct Bin: Sendable, Hashable {
    /// Where it begins and ends.
    let time: Range<Duration>
    /// The quantity for each second of it.
    let rate: Double
  }

  /// The width of a bin.
  static let width = Duration.milliseconds(100)
  /// More bins than the longest run fills.
  private static let limit = 2_000_000

  private var bins: [Double] = []

  /// Adds to the bin of a moment.
  mutating func add(_ amount: Double, at time: Duration) {
    let index = Int(exactly: (time / Self.width).rounded(.down)) ?? 0
    guard (0..<Self.limit).contains(index) else { return }
    if index >= bins.count {
      bins.append(contentsOf: repeatElement(0, count: index + 1 - bins.count))
    }
    bins[index] += amount
  }

  /// Joins bins to wider ones that fill a span; the last may be shorter than the others.
  func rates(over span: Duration) -> [Bin] {
    Self.ranges(over: span).map { range in
      let first = Int(exactly: (range.lowerBound / Self.width).rounded()) ?? 0
      let last = Int(exactly: (range.upperBound / Self.width).rounded(.up)) ?? 0
      let part = bins[min(first, bins.count)..<min(last, bins.count)]
      return Bin(
        time: range,
        rate: part.reduce(0, +) / (range.upperBound - range.lowerBound).inSeconds)
    }
  }

  /// Cuts a span into at most 80 ranges of a round width; the last may be shorter.
  static func ranges(over span: Duration) -> [Range<Duration>] {
    let tenths = [1, 2, 5, 10, 20, 50, 100, 300, 600, 1200, 3000, 6000, 18_000, 36_000, 360_000]
    let width = tenths.map { Self.width * $0 }.first { span / $0 <= 80 } ?? span
    var ranges: [Range<Duration>] = []
    var start = Duration.zero
    while start < span {
      let end = min(span, start + width)
      ranges.append(start..<end)
      start += width
    }
    return ranges
  }
}

extension Measurement {
  /// The mean number of requests under way in ranges that fill a span.
  func requestsUnderWay(over span: Duration) -> [TimeBins.Bin] {
    let ranges = TimeBins.ranges(over: span)
    guard let width = ranges.first.map({ $0.upperBound - $0.lowerBound }) else { return [] }
    var sums = Array(repeating: Duration.zero, count: ranges.count)
    for point in points {
      let first = max(0, Int(exactly: (point.sent / width).rounded(.down)) ?? 0)
      for index in ranges.indices.dropFirst(first) {
        guard ranges[index].lowerBound < point.end else { break }
        let overlap =
          min(ranges[index].upperBound, point.end) - max(ranges[index].lowerBound, point.sent)
        if overlap > .zero { sums[index] += overlap }
      }
    }
    return zip(ranges, sums).map { range, sum in
      TimeBins.Bin(time: range, rate: sum / (range.upperBound - range.lowerBound))
    }
  }
}
