import HTTPTypes
import Hummingbird

/// Authenticates requests by their keys and applies the rate limit of each key.
///
/// Behind it the request carries the key's name in place of the key: it is the client to the engine,
/// and nothing there can tell a key to anybody.
struct AccessGuard<Context: RequestContext>: RouterMiddleware {
  /// The keys; nil where anybody may call.
  let keys: APIKeys?
  /// How often each may call.
  let rates: RequestRates
  /// The components of the path that precede all routes.
  let base: [Substring]

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard let keys else { return try await next(request, context) }
    let resource = resource(of: request.uri.path)
    // The page itself, and what watches the server's health.
    if resource == "" || resource == "health" { return try await next(request, context) }
    guard let name = keys.name(of: request.headers.clientKey) else { throw APIError.unauthorized }
    RequestRecord.current?.note(client: name)
    // Pages and scrapers look at the metrics all the time, which costs little.
    if resource != "metrics", let wait = rates.take(name) { throw APIError.tooOften(wait: wait) }
    var head = request.head
    head.headerFields[.authorization] = nil
    head.headerFields[.apiKey] = name
    return try await next(Request(head: head, body: request.body), context)
  }

  /// The first part of an address that says what it leads to, empty at the base; nil outside it.
  private func resource(of path: String) -> Substring? {
    var parts = path.split(separator: "/")[...]
    guard parts.starts(with: base) else { return nil }
    parts = parts.dropFirst(base.count)
    if parts.isEmpty { return "" }
    if parts.first == "v1" { parts = parts.dropFirst() }
    return parts.first
  }
}

extension APIError {
  /// No key, or one that is not known: the same for both.
  static let unauthorized = APIError(
    .unauthorized, "a valid API key is needed, as Authorization: Bearer KEY or X-Api-Key: KEY",
    headers: [.wwwAuthenticate: "Bearer"])

  /// A key whose requests are used up.
  ///
  /// - Parameter wait: Seconds until it has one again.
  static func tooOften(wait: Double) -> APIError {
    let headers = HTTPFields.retryAfter(wait)
    return APIError(
      .rateLimit,
      "this key has used up its requests; try again in \(headers[.retryAfter] ?? "1") s",
      headers: headers)
  }
}
