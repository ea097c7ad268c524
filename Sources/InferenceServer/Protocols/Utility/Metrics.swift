import GPTModel
import HTTPTransport
import HTTPTypes
import Hummingbird
import NIOCore
import Platform

/// `GET /metrics`, for Prometheus.
///
/// All is read or measured when asked for; between two scrapes nothing is done.
struct Metrics: Sendable {
  /// The engine and its model.
  let service: any GenerationService
  /// The counts of the routes.
  let server: ServerMetrics
  /// The transport of the requests.
  let transport: Transport
  /// What the machine costs; nil where nobody said.
  let price: MachinePrice?

  /// What tokens take.
  var costs: CostFigures {
    let measures = service.measures
    return CostFigures(
      account: measures.account, clients: measures.clientAccounts, uptime: server.uptime,
      price: price)
  }

  /// Writes everything that is measured.
  func report() async -> Response {
    let engine = EngineFigures(status: service.status, measures: service.measures)
    let figures = ServerFigures(
      counts: server.counts, eventLoopLag: await EventLoopLag.measure(), model: service.model,
      droppedLines: LogSink.standardError.dropped, connections: transport.connectionCounts,
      refusals: transport.refusalCounts)
    let process = ProcessMetrics().figures
    var text = PrometheusText()
    text.write(EngineFigures.metrics, of: engine, labels: ["model_name": service.model.name])
    text.write(ServerFigures.metrics, of: figures)
    text.write(CostFigures.metrics, of: costs)
    text.write(ProcessFigures.metrics, of: process, prefix: ProcessFigures.prefix)
    text.write(ProcessFigures.quotaMetrics, of: process)
    return Response(
      status: .ok, headers: [.contentType: PrometheusText.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
  }
}
