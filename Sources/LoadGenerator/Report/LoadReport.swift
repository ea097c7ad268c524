import JSON
import Platform

/// What a load test has found.
package struct LoadReport: Sendable {
  /// What was asked for.
  let settings: LoadSettings
  /// The model that answered.
  let model: String
  /// The time from the start to the end of the last answer.
  let span: Duration
  /// Whether the test was stopped before its end.
  package let isInterrupted: Bool
  /// What was measured.
  let measurement: Measurement

  /// Answers that are complete.
  package var completed: Int { measurement.completed }
  /// Requests that failed.
  package var failed: Int { measurement.failed }

  /// Complete answers for each second.
  var requestsPerSecond: Double { perSecond(measurement.completed) }
  /// Tokens of complete answers for each second.
  var outputTokensPerSecond: Double { perSecond(measurement.completionTokens) }
  /// Tokens of answered prompts for each second.
  var inputTokensPerSecond: Double { perSecond(measurement.promptTokens) }
  /// Good answers for each second.
  var goodput: Double { perSecond(measurement.good) }

  /// Money for a million tokens, of prompts and answers together; nil without a price or tokens.
  var costPerMillionTokens: Double? {
    settings.price?.perMillion(tokensPerSecond: outputTokensPerSecond + inputTokensPerSecond)
  }

  /// Money for a million tokens of answers, which then pay for the prompts; nil without a price or tokens.
  var costPerMillionOutputTokens: Double? {
    settings.price?.perMillion(tokensPerSecond: outputTokensPerSecond)
  }

  /// The failures, the most frequent kind first.
  var failures: [(kind: RequestFailure.Kind, failure: Measurement.FailureCount)] {
    measurement.failures.map { (kind: $0.key, failure: $0.value) }.sorted { one, other in
      (other.failure.count, one.kind.description) < (one.failure.count, other.kind.description)
    }
  }

  /// The latencies, under their names.
  var latencies: [(name: String, key: String, histogram: LatencyHistogram)] {
    [
      ("time to first token", "ttft", measurement.timeToFirstToken),
      ("inter-token latency", "itl", measurement.interTokenLatency),
      ("end to end", "e2e", measurement.endToEnd),
      ("send delay", "send_delay", measurement.sendDelay),
    ]
  }

  /// The load in words.
  var loadDescription: String {
    var parts: [String] = []
    switch settings.load {
    case .closedLoop(let clients): parts.append("\(clients) client\(clients == 1 ? "" : "s")")
    case .openLoop(let rate, let pattern):
      parts.append("\(Format.number(rate)) requests/s (\(pattern.rawValue))")
    }
    if settings.turns > 1 { parts.append("\(settings.turns) turns") }
    return parts.joined(separator: ", ")
  }

  /// The objective in words.
  var objectiveDescription: String {
    let first = settings.objective.timeToFirstToken.map {
      "TTFT ≤ \(Format.number($0.inMilliseconds)) ms"
    }
    let gap = settings.objective.interTokenLatency.map {
      "mean ITL ≤ \(Format.number($0.inMilliseconds)) ms"
    }
    return [first, gap].compactMap(\.self).joined(separator: ", ")
  }

  /// The percentiles that reports show.
  static let percentiles: [Double] = [50, 90, 95, 99]

  private func perSecond(_ count: Int) -> Double {
    span > .zero ? Double(count) / span.inSeconds : 0
  }
}
