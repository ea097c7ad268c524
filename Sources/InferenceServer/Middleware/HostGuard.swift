import HTTPTypes
import Hummingbird

/// Refuses requests of web pages that the operator has not allowed, by `Host` and `Origin`.
///
/// A page may reach a server on loopback by a name that it lets point there, or by a plain form; both
/// show in these two headers, which a page cannot set.
struct HostGuard<Context: RequestContext>: RouterMiddleware {
  private let configuration: ServerConfiguration
  private let origins: [OriginPattern]

  /// Lets the hosts and origins through that a configuration allows; a pattern that nothing can match
  /// allows nothing.
  init(configuration: ServerConfiguration) {
    self.configuration = configuration
    origins = configuration.allowedOrigins.compactMap { OriginPattern($0) }
  }

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let host = try checkedHost(request)
    guard let origin = request.headers[.origin] else {
      return try await next(request, context)
    }
    guard isAllowed(origin, host: host) else {
      throw forbidden(.originNotAllowed, "Origin", option: "--allow-origin")
    }
    var response = try await respond(to: request, context: context, next: next)
    response.headers[.accessControlAllowOrigin] = origin
    response.headers[.accessControlExposeHeaders] =
      configuration.exposedHeaders.joined(separator: ", ")
    response.headers.append(HTTPField(name: .vary, value: "Origin"))
    return response
  }

  private func respond(
    to request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard request.method == .options else {
      do {
        return try await next(request, context)
      } catch {
        // An allowed page must be able to read the error, so it gets the headers below as well.
        return APIError(error).response(from: request, context: context)
      }
    }
    return Response(
      status: .noContent,
      headers: [
        .accessControlAllowMethods: configuration.allowedMethods.joined(separator: ", "),
        .accessControlAllowHeaders: configuration.allowedHeaders.joined(separator: ", "),
        .accessControlMaxAge: "600",
      ])
  }

  private func checkedHost(_ request: Request) throws(APIError) -> String {
    // The first Host became the authority; one that is still a header is a second one.
    guard let authority = request.head.authority, !authority.isEmpty,
      !request.headers.contains(where: { $0.name.canonicalName == "host" })
    else { throw .invalid(nil, "a request needs one Host header") }
    let name = hostName(authority)
    guard
      configuration.takesAnyHost || LoopbackName.contains(name)
        || configuration.allowedHosts.contains(name)
    else { throw forbidden(.hostNotAllowed, "Host", option: "--allow-host") }
    return authority
  }

  /// The host without the port; an IPv6 address keeps its brackets.
  private func hostName(_ authority: String) -> String {
    let authority = authority.lowercased()
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      let port = authority[authority.index(after: end)...]
      return port.isEmpty || port.hasPrefix(":") ? String(authority[...end]) : authority
    }
    return String(authority.utf8.prefix { $0 != UInt8(ascii: ":") }) ?? authority
  }

  private func isAllowed(_ origin: String, host: String) -> Bool {
    origin == "http://\(host)" || origin == "https://\(host)"
      || origins.contains { $0.matches(origin) }
  }

  private func forbidden(_ reason: ErrorReason, _ header: String, option: String) -> APIError {
    APIError(reason, "this \(header) is not allowed; the operator can allow it with \(option)")
  }
}
