import GPTModel
import HTTPTransport

/// What the server measures besides its engine, as of one moment.
struct ServerFigures: Sendable {
  /// What the routes counted.
  let counts: ServerMetrics.Counts
  /// Seconds that the slowest thread that serves connections took to answer.
  let eventLoopLag: Double
  /// What is served.
  let model: ServedModel
  /// Lines that the log could not get rid of.
  let droppedLines: Int
  /// The connections that are open, and those that were closed for want of room.
  let connections: ConnectionCounts
  /// How often requests were refused before any route saw them.
  let refusals: [RefusalReason: Int]
}

extension ServerFigures {
  /// All that is told of the server.
  static let metrics: [Metric<ServerFigures>] = [
    Metric("http_requests_total", .counter, .requests, "Requests by address and status.") {
      figures in
      .samples(figures.counts.sortedAnswers.map { sample($0.0, count: $0.1) })
    },
    Metric("request_rejections_total", .counter, .requests, "Refused requests.") { figures in
      .samples(
        figures.counts.rejections.map { rejection in
          MetricSample(.integer(rejection.count), labels: ["reason": rejection.label])
        })
    },
    Metric("connections", .gauge, .connections, "Connections that are open.") {
      .integer($0.connections.open)
    },
    Metric(
      "connections_evicted_total", .counter, .connections,
      "Connections that were closed because others needed their room."
    ) { .integer($0.connections.evicted) },
    Metric(
      "connections_refused_total", .counter, .connections, "Connections that were closed at once."
    ) { .integer($0.connections.refused) },
    Metric(
      "http_refusals_total", .counter, .requests,
      "Requests that were refused before any route saw them."
    ) { figures in
      .samples(
        RefusalReason.allCases.map { reason in
          MetricSample(
            .integer(figures.refusals[reason] ?? 0), labels: ["code": reason.rawValue])
        })
    },
    Metric(
      "event_loop_lag_seconds", .gauge, .seconds,
      "How long the slowest thread that serves connections took to answer this scrape."
    ) { .real($0.eventLoopLag) },
    Metric("build_info", .gauge, .none, "What runs; always 1.") { figures in
      .samples([
        MetricSample(
          .integer(1),
          labels: [
            "model_name": figures.model.name, "fingerprint": figures.model.fingerprint,
            "swift": swiftVersion, "build": build,
          ])
      ])
    },
    Metric(
      "log_lines_dropped_total", .counter, .lines, "Lines that nobody took off the log's hands."
    ) { .integer($0.droppedLines) },
  ]

  private static func sample(_ answer: ServerMetrics.Answer, count: Int) -> MetricSample {
    MetricSample(
      .integer(count),
      labels: ["method": answer.method, "route": answer.route, "status": "\(answer.status)"])
  }

  private static var build: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }

  private static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or newer"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
