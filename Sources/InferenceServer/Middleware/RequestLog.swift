import GPTModel
import HTTPTransport
import HTTPTypes
import Hummingbird
import Logging

/// Counts each request and writes one line about it, when its answer has been sent.
struct RequestLog<Context: RequestContext>: RouterMiddleware {
  /// Where requests are counted.
  let metrics: ServerMetrics

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let record = RequestRecord()
    var response = try await RequestRecord.$current.withValue(record) {
      try await next(request, context)
    }
    let answer = ServerMetrics.Answer(
      method: HTTPRequest.Method.known.contains(request.method) ? request.method.rawValue : "other",
      route: context.endpointPath ?? "none", status: response.status.code)
    let (metrics, logger) = (metrics, context.logger)
    // A document is counted before it is sent; a stream goes on.
    if response.body.contentLength != nil {
      Self.report(answer, record, failure: nil, metrics, logger)
    } else {
      let body = response.body
      response.body = ResponseBody { writer in
        do {
          try await body.write(writer)
          Self.report(answer, record, failure: nil, metrics, logger)
        } catch {
          Self.report(answer, record, failure: error, metrics, logger)
          throw error
        }
      }
    }
    return response
  }

  private static func report(
    _ answer: ServerMetrics.Answer, _ record: RequestRecord, failure: (any Error)?,
    _ metrics: ServerMetrics, _ logger: Logger
  ) {
    let facts = record.facts
    metrics.count(answer, reason: facts.reason)
    let level = level(of: answer)
    guard logger.logLevel <= level else { return }
    var metadata: Logger.Metadata = [
      "method": "\(answer.method)", "route": "\(answer.route)",
      "total_ms": milliseconds((ContinuousClock.now - record.start) / .seconds(1)),
    ]
    metadata["status"] = .stringConvertible(
      failure is ClientConnection.Gone ? 499 : answer.status)
    metadata["client"] = facts.client.map { "\($0)" }
    metadata["error"] = (facts.error ?? failure.map { _ in "client_gone" }).map { "\($0)" }
    if !facts.endings.isEmpty {
      metadata["finish"] = "\(facts.endings.joined(separator: ","))"
      metadata["prompt_tokens"] = facts.promptTokens.map { .stringConvertible($0) }
      metadata["cached_tokens"] = .stringConvertible(facts.cachedTokens)
      metadata["completion_tokens"] = .stringConvertible(facts.completionTokens)
      metadata["queue_ms"] = milliseconds(facts.times.queued)
      metadata["prefill_ms"] = milliseconds(facts.times.prefill)
      metadata["decode_ms"] = milliseconds(facts.times.decode)
    }
    logger.log(level: level, "request", metadata: metadata)
  }

  /// Successful health checks and scrapes are logged at the level `debug`.
  private static func level(of answer: ServerMetrics.Answer) -> Logger.Level {
    let isWatching = watched.contains { answer.route.hasSuffix($0) }
    return isWatching && answer.status < 400 ? .debug : .info
  }

  private static var watched: [String] { ["/health", "/health/live", "/health/ready", "/metrics"] }

  private static func milliseconds(_ seconds: Double) -> Logger.MetadataValue {
    .stringConvertible((seconds * 10_000).rounded() / 10)
  }
}

extension HTTPRequest.Method {
  /// Methods that are told apart where requests are counted.
  fileprivate static let known: Set<HTTPRequest.Method> = [
    .get, .head, .post, .put, .patch, .delete, .options,
  ]
}
