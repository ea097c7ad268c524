import HTTPTypes
import Hummingbird

/// Lets only those in who have a key, where keys are used, and each no more often than allowed.
///
/// Behind it the request carries the key's name in place of the key: it is the client to the engine,
/// and nothing there can tell a key to anybody.
struct AccessGuard<Context: RequestContext>: RouterMiddleware {
  /// The keys; nil where anybody may call.
  let keys: APIKeys?
  /// How often each may call.
  let rates: RequestRates
  /// Where the addresses begin, in parts.
  let base: [Substring]

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard let keys, !isOpen(request.uri.path) else { return try await next(request, context) }
    guard let name = keys.name(of: request.headers.clientKey) else { throw APIError.unauthorized }
    RequestRecord.current?.note(client: name)
    if let wait = rates.take(name) { throw APIError.tooOften(wait: wait) }
    var head = request.head
    head.headerFields[.authorization] = nil
    head.headerFields[.apiKey] = name
    return try await next(Request(head: head, body: request.body), context)
  }

  /// Whether an address needs no key: the page itself, and what watches the server's health.
  private func isOpen(_ path: String) -> Bool {
    var parts = path.split(separator: "/")[...]
    guard parts.starts(with: base) else { return false }
    parts = parts.dropFirst(base.count)
    if parts.isEmpty { return true }
    if parts.first == "v1" { parts = parts.dropFirst() }
    return parts.first == "health"
  }
}

extension APIError {
  /// No key, or one that is not known: the same for both.
  static let unauthorized = APIError(
    status: .unauthorized,
    message: "a valid API key is needed, as Authorization: Bearer KEY or X-Api-Key: KEY",
    type: "authentication_error", code: "invalid_api_key",
    headers: [.wwwAuthenticate: "Bearer"], refusal: .unauthorized)

  /// A key whose requests are used up.
  ///
  /// - Parameter wait: Seconds until it has one again.
  static func tooOften(wait: Double) -> APIError {
    let seconds = Int(exactly: min(max(1, wait), 3600).rounded(.up)) ?? 1
    return APIError(
      status: .tooManyRequests,
      message: "this key has used up its requests; try again in \(seconds) s",
      type: "rate_limit_error", code: "rate_limit_exceeded",
      headers: [.retryAfter: "\(seconds)"], refusal: .rateLimit)
  }
}
