import GPTModel
import HTTPTransport
import Hummingbird

/// One address, and what answers there.
struct Endpoint: Sendable {
  /// The method it answers to.
  let method: HTTPRequest.Method
  /// The path; the same one with `/v1` before it works too.
  let path: String
  /// Whether it has no answer while the engine has no room for another request.
  let needsRoom: Bool
  /// Answers a request.
  let respond: @Sendable (Request, Parameters) async throws -> Response

  /// Creates an endpoint.
  init(
    _ method: HTTPRequest.Method, _ path: String, needsRoom: Bool = false,
    respond: @escaping @Sendable (Request, Parameters) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.needsRoom = needsRoom
    self.respond = respond
  }
}

/// The routes of the server.
struct RouteTable: Sendable {
  /// Whether the server accepts requests.
  let health: Health
  /// The engine's status.
  let status: @Sendable () -> EngineStatus
  /// The model.
  let models: Models
  /// The context that the routes of all protocols share.
  let context: RouteContext
  /// The route of the metrics.
  let metrics: Metrics
  /// The page at `/`, if there is to be one.
  var page: PageRoute?

  /// Paths that are answered however many connections there are.
  static let vitalPaths = Set(
    ["/health", "/health/live", "/health/ready"].flatMap { [$0, "/v1" + $0] })

  /// The contents page.
  var endpoints: [Endpoint] {
    [
      Endpoint(.get, "/health") { _, _ in try health.report(status()) },
      Endpoint(.get, "/health/live") { _, _ in try health.live(status()) },
      Endpoint(.get, "/health/ready") { _, _ in try health.ready() },
      Endpoint(.get, "/metrics") { _, _ in await metrics.report() },
      Endpoint(.get, "/models") { _, _ in models.list() },
      Endpoint(.get, "/models/**") { _, path in try models.one(path.getCatchAll()) },
      Endpoint(.post, "/chat/completions", needsRoom: true) { request, _ in
        try await ChatCompletions(context: context).respond(to: request)
      },
      Endpoint(.post, "/completions", needsRoom: true) { request, _ in
        try await Completions(context: context).respond(to: request)
      },
      Endpoint(.post, "/embeddings", needsRoom: true) { request, _ in
        try await Embeddings(context: context).respond(to: request)
      },
    ] + context.endpoints + context.conversationEndpoints
  }

  /// Adds all addresses to a router, with an answer to methods that an address does not know.
  func add<Routes: RouterMethods>(to routes: Routes) {
    for (path, endpoints) in Dictionary(grouping: endpoints, by: \.path) {
      for path in [path, "/v1" + path] {
        add(endpoints, at: RouterPath(path), to: routes)
      }
    }
    guard let page else { return }
    add([Endpoint(.get, "/") { request, _ in page.respond(to: request) }], at: "/", to: routes)
  }

  private func add<Routes: RouterMethods>(
    _ endpoints: [Endpoint], at path: RouterPath, to routes: Routes
  ) {
    var known: Set<HTTPRequest.Method> = []
    for endpoint in endpoints {
      known.insert(endpoint.method)
      routes.on(path, method: endpoint.method) { request, routing in
        if endpoint.needsRoom { try context.checkRoom(for: request) }
        guard endpoint.method == .post else {
          return try await endpoint.respond(request, routing.parameters)
        }
        // To read a prompt or to write a long answer would keep the loop's other connections waiting.
        return try await awayFromEventLoops {
          try await endpoint.respond(request, routing.parameters)
        }
      }
      guard endpoint.method == .get else { continue }
      known.insert(.head)
      routes.on(path, method: .head) { request, routing in
        try await endpoint.respond(request, routing.parameters).createHeadResponse()
      }
    }
    let allowed = known.union([.options]).sorted { $0.rawValue < $1.rawValue }
    for method in Self.methods where !known.contains(method) {
      routes.on(path, method: method) { request, _ -> Response in
        let refusal = APIError.wrongMethod(allowed: allowed)
        guard request.method == .options else { throw refusal }
        return Response(status: .noContent, headers: refusal.headers)
      }
    }
  }

  private static let methods: [HTTPRequest.Method] = [
    .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
  ]
}
