import HTTPTypes
import Hummingbird
import Logging

/// Gives each request a name, the client's own if that is valid, and sends it back.
struct RequestNames<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let name = Self.valid(request.headers[.requestID]) ?? "req_" + RandomName.make()
    var context = context
    context.logger[metadataKey: "request"] = "\(name)"
    var response = try await next(request, context)
    response.headers[.requestID] = name
    return response
  }

  private static func valid(_ name: String?) -> String? {
    guard let name, (1...RequestLimits.requestIDBytes).contains(name.utf8.count),
      name.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return name
  }
}
