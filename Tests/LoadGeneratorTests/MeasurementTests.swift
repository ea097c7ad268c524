import Testing

@testable import LoadGenerator

@Suite struct MeasurementTests {
  private func answer(_ milliseconds: [Int], tokens: Int? = nil) -> Answer {
    var answer = Answer()
    answer.pieceTimes = milliseconds.map { .milliseconds($0) }
    answer.completionTokens = tokens
    answer.promptTokens = 10
    return answer
  }

  private func record(
    due: Int = 0, sent: Int? = nil, end: Int, _ result: Result<Answer, RequestFailure>
  ) -> RequestRecord {
    RequestRecord(
      intended: .milliseconds(due), sent: .milliseconds(sent ?? due), end: .milliseconds(end),
      result: result)
  }

  @Test("Latencies count from when a request was due, not from when it was sent")
  func coordinatedOmission() {
    var measurement = Measurement()
    measurement.add(record(due: 100, sent: 600, end: 1000, .success(answer([700, 800, 1000]))))
    #expect(measurement.timeToFirstToken.longest == .milliseconds(600))
    #expect(measurement.endToEnd.longest == .milliseconds(900))
    #expect(measurement.sendDelay.longest == .milliseconds(500))
    #expect(measurement.interTokenLatency.count == 2)
    #expect(measurement.interTokenLatency.mean == .milliseconds(150))
  }

  @Test("Failures are counted by kind with the first example, and have no latency")
  func failures() {
    var measurement = Measurement()
    for detail in ["one", "two"] {
      measurement.add(record(end: 10, .failure(RequestFailure(.status(503), detail))))
    }
    measurement.add(record(end: 20, .failure(RequestFailure(.timeout))))
    measurement.add(record(end: 30, .failure(RequestFailure(.interrupted))))
    #expect(measurement.failed == 3)
    #expect(measurement.unfinished == 1)
    #expect(measurement.completed == 0)
    #expect(measurement.failures[.status(503)]?.count == 2)
    #expect(measurement.failures[.status(503)]?.example == "one")
    #expect(measurement.endToEnd.count == 0 && measurement.endToEnd.percentile(50) == nil)
    #expect(measurement.points.count == 4)
    #expect(measurement.lastEnd == .milliseconds(30))
  }

  @Test("An answer is good when it meets both limits, each of which may be absent")
  func objective() {
    var objective = ServiceObjective()
    #expect(objective.isMet(timeToFirstToken: .seconds(9), meanGap: .seconds(9)))
    objective.timeToFirstToken = .milliseconds(100)
    objective.interTokenLatency = .milliseconds(20)
    var measurement = Measurement(objective: objective)
    measurement.add(record(end: 200, .success(answer([100, 110, 140]))))
    measurement.add(record(end: 200, .success(answer([101, 110, 120]))))
    measurement.add(record(end: 200, .success(answer([100, 110, 142]))))
    measurement.add(record(end: 200, .success(answer([50]))))
    #expect(measurement.good == 2)
  }

  @Test("Tokens are those that the server counts, spread over the pieces")
  func tokens() {
    var measurement = Measurement()
    measurement.add(record(end: 1000, .success(answer([50, 950], tokens: 6))))
    #expect(measurement.completionTokens == 6 && measurement.promptTokens == 10)
    let rates = measurement.tokenArrivals.rates(over: .seconds(1)).map(\.rate)
    #expect(rates == [30] + Array(repeating: 0, count: 8) + [30])
  }

  @Test("Percentiles are within a thousandth of the exact ones")
  func percentiles() {
    var random = SplitMix64(seed: 4)
    var histogram = LatencyHistogram()
    let values = (0..<10_000).map { _ in 0.001 + random.uniform() * 30 }
    for value in values { histogram.record(.seconds(value)) }
    let sorted = values.sorted()
    for percent in LoadReport.percentiles {
      let exact = sorted[Int(percent / 100 * 10_000) - 1]
      let found = histogram.percentile(percent)?.inSeconds ?? 0
      #expect(abs(found / exact - 1) < 0.001, "p\(percent)")
    }
    let mean = values.reduce(0, +) / 10_000
    #expect(abs((histogram.mean?.inSeconds ?? 0) / mean - 1) < 1e-6)
    #expect(histogram.distribution.map(\.latency) == histogram.distribution.map(\.latency).sorted())
    #expect(histogram.distribution.last?.share == 1)
  }

  @Test("Latencies out of range count as the nearest that is in range")
  func range() {
    var histogram = LatencyHistogram()
    histogram.record(.seconds(-1))
    histogram.record(.seconds(1_000_000_000))
    #expect(histogram.count == 2)
    #expect(histogram.longest == .seconds(86_400))
    #expect(histogram.percentile(50) ?? .seconds(1) < .microseconds(1))
  }

  @Test("Bins fill the span without gaps, and are at most 80")
  func bins() {
    for tenths in [0, 1, 5, 79, 80, 81, 333, 9999, 864_000, 5_000_000] {
      let span = Duration.milliseconds(100 * tenths + (tenths % 2) * 30)
      let ranges = TimeBins.ranges(over: span)
      #expect(ranges.count <= 80)
      #expect(ranges.isEmpty == (span == .zero))
      #expect(ranges.last?.upperBound ?? .zero == span)
      #expect(ranges.first?.lowerBound ?? .zero == .zero)
      for (one, next) in zip(ranges, ranges.dropFirst()) {
        #expect(one.upperBound == next.lowerBound)
      }
    }
  }

  @Test("Wider bins keep the sum of what they join")
  func joinedBins() {
    var bins = TimeBins()
    for tenth in 0..<1000 { bins.add(Double(tenth), at: .milliseconds(100 * tenth + 99)) }
    bins.add(5, at: .seconds(-1))
    bins.add(5, at: .seconds(1e12))
    let total = bins.rates(over: .seconds(100)).map {
      $0.rate * ($0.time.upperBound - $0.time.lowerBound).inSeconds
    }.reduce(0, +)
    #expect(abs(total - 499_500) < 1e-6)
  }

  @Test("The mean number under way is the time of requests that lies in a bin, by its width")
  func underWay() {
    var measurement = Measurement()
    measurement.add(record(due: 0, end: 150, .success(answer([10]))))
    measurement.add(record(due: 50, end: 400, .failure(RequestFailure(.timeout))))
    let rates = measurement.requestsUnderWay(over: .milliseconds(350)).map(\.rate)
    #expect(rates == [1.5, 1.5, 1, 1])
  }
}
