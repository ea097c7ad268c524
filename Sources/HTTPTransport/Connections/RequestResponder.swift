import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Answers the requests of both protocols.
struct RequestResponder: Sendable {
  /// Finds the route.
  let router: RouterResponder<BasicRequestContext>
  /// Takes what requests report.
  let logger: Logger
  private let date = DateHeader()

  /// Creates one for a router.
  init(_ router: RouterResponder<BasicRequestContext>, logger: Logger) {
    self.router = router
    self.logger = logger
  }

  /// Answers a request.
  func respond(to request: Request, on channel: any Channel) async throws -> Response {
    let context = BasicRequestContext(
      source: ApplicationRequestContextSource(channel: channel, logger: logger))
    // The router's first middleware but one turns whatever is thrown into an answer.
    var response = try await router.respond(to: request, context: context)
    response.headers[.date] = date.text
    return response
  }
}
