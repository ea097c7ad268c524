import HTTPTypes
import Hummingbird
import NIOCore

@testable import HTTPTransport

/// Routers whose answers a test knows.
enum TestRoutes {
  /// The answer of `server`.
  static let health = #"{"status":"ok"}"#

  /// A router with one answer for all addresses; a refusal that a route passes on becomes an answer.
  static func router(
    _ answer: @escaping @Sendable (Request) async throws -> Response
  ) -> Router<BasicRequestContext> {
    let router = Router()
    for method in RequestRules.methods {
      router.on("**", method: method) { request, _ in
        do {
          return try await answer(request)
        } catch let refusal as RequestRefusal {
          return Response(
            status: refusal.reason.status, headers: refusal.reason.headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: refusal.document)))
        }
      }
    }
    return router
  }

  /// A router that answers with the body of the request.
  static var echo: Router<BasicRequestContext> {
    router { request in
      Response(
        status: .ok, body: ResponseBody(byteBuffer: try await request.body.collect(upTo: .max)))
    }
  }

  /// A router that reads the body of a request, and answers that all is well.
  static var server: Router<BasicRequestContext> {
    router { request in
      _ = try await request.body.collect(upTo: .max)
      return Response(
        status: .ok, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: health)))
    }
  }
}

/// Answers that a test holds back, except those about the server's health.
final class HeldAnswers: Sendable {
  private let started: AsyncStream<AsyncStream<String>.Continuation>
  private let start: AsyncStream<AsyncStream<String>.Continuation>.Continuation

  init() {
    (started, start) = AsyncStream.makeStream()
  }

  /// A router whose answers are held.
  var router: Router<BasicRequestContext> {
    TestRoutes.router { [start] request in
      guard request.uri.path != "/health/live" else {
        return Response(
          status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: TestRoutes.health)))
      }
      let (pieces, source) = AsyncStream.makeStream(of: String.self)
      start.yield(source)
      let text = await pieces.reduce(into: "") { $0 += $1 }
      return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
  }

  /// Waits for the next request; what it is given is the answer.
  func nextStarted() async -> AsyncStream<String>.Continuation? {
    await started.first { _ in true }
  }
}

extension AsyncStream<String>.Continuation {
  /// Gives a whole answer.
  func answer(_ text: String) {
    yield(text)
    finish()
  }
}
