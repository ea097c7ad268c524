import HTTPTransport
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Turns everything that is thrown into the error document that clients expect.
struct ErrorResponses<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPParserError {
      throw error  // The connection itself is broken; only the server can answer.
    } catch {
      let answer = APIError(error)
      if answer.status == .internalServerError, !(error is ClientConnection.Gone) {
        context.logger.error("Request failed", metadata: ["error": "\(error)"])
      }
      return answer.response(from: request, context: context)
    }
  }
}
