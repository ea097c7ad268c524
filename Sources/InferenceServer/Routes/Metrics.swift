import GPTModel
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /metrics`, for Prometheus.
///
/// All is read or measured when asked for; between two scrapes nothing is done.
struct Metrics: Sendable {
  /// The engine and its model.
  let service: any GenerationService
  /// What the routes count.
  let server: ServerMetrics
  /// All connections.
  let connections: Connections
  /// What no route saw.
  let refusals: Refusals

  /// Writes everything that is measured.
  func report() async -> Response {
    let lag = await EventLoopLag.measure()
    var text = PrometheusText()
    EngineFigures(
      model: service.model.name, status: service.status, measures: service.measures
    ).write(to: &text)
    server.write(to: &text)
    writeTransport(to: &text)
    text.write(
      .gauge, "apus:event_loop_lag_seconds",
      "How long the slowest thread that serves connections took to answer this scrape.", lag)
    text.write(
      .gauge, "apus:build_info", "What runs; always 1.", 1,
      labels: [
        "model_name": service.model.name, "fingerprint": service.model.fingerprint,
        "swift": Self.swiftVersion, "build": Self.build,
      ])
    text.write(
      .counter, "apus:log_lines_dropped_total", "Lines that nobody took off the log's hands.",
      LogSink.standardError.dropped)
    ProcessMetrics().write(to: &text)
    return Response(
      status: .ok, headers: [.contentType: PrometheusText.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
  }

  private func writeTransport(to text: inout PrometheusText) {
    let (counts, refused) = (connections.counts, refusals.total)
    text.write(.gauge, "apus:connections", "Connections that are open.", counts.open)
    text.write(
      .counter, "apus:connections_evicted_total",
      "Connections that were closed because others needed their room.", counts.evicted)
    text.write(
      .counter, "apus:connections_refused_total", "Connections that were closed at once.",
      counts.refused)
    text.write(
      .counter, "apus:http_refusals_total", "Requests that were refused before any route saw them."
    ) { samples in
      for reason in RefusalReason.allCases {
        samples.sample(refused[reason] ?? 0, labels: ["code": reason.rawValue])
      }
    }
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
