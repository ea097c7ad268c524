import GPTModel
import HTTPTransport

/// Figures of the server at one moment, without those of the engine.
struct ServerFigures: Sendable {
  /// The counts of the routes.
  let counts: ServerMetrics.Counts
  /// Seconds that the slowest thread that serves connections took to answer.
  let eventLoopLag: Double
  /// The served model.
  let model: ServedModel
  /// Log lines that were dropped.
  let droppedLines: Int
  /// Counts of connections.
  let connections: ConnectionCounts
  /// Counts of requests that were refused before they reached a route.
  let refusals: [RefusalReason: Int]
}

extension ServerFigures {
  /// The metrics of the server.
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
      "Idle connections that were closed to admit others."
    ) { .integer($0.connections.evicted) },
    Metric(
      "connections_refused_total", .counter, .connections, "Connections that were closed at once."
    ) { .integer($0.connections.refused) },
    Metric(
      "http_refusals_total", .counter, .requests,
      "Requests that were refused before they reached a route."
    ) { figures in
      .samples(
        RefusalReason.allCases.map { reason in
          MetricSample(
            .integer(figures.refusals[reason] ?? 0), labels: ["code": reason.rawValue])
        })
    },
    Metric(
      "event_loop_lag_seconds", .gauge, .seconds,
      "The lag of the slowest event loop at this scrape."
    ) { .real($0.eventLoopLag) },
    Metric("build_info", .gauge, .none, "The running program, by its labels; always 1.") {
      figures in
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
      "log_lines_dropped_total", .counter, .lines,
      "Log lines that were dropped because their reader was too slow."
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
