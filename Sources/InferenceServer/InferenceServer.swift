import ChatTemplates
import GPTModel
import HTTPTransport
public import Hummingbird
package import Logging
package import Platform
public import ServiceLifecycle
import UnixSignals

#if !Server
  #error("InferenceServer needs the trait Server, which is on by default")
#endif

/// Serves a model over HTTP with OpenAI's interface.
///
/// ```swift
/// let server = InferenceServer(engine: engine) { port in print("http://127.0.0.1:\(port)") }
/// try await server.runUntilStopped()
/// ```
public struct InferenceServer: Service {
  private let service: any GenerationService
  private let configuration: ServerConfiguration
  private let logger: Logger
  private let keys: APIKeys?
  private let rates: RequestRates
  private let health = Health()
  /// Tells the time, which chat templates may ask for.
  var clock: @Sendable () -> TemplateDate = { TemplateDate(unixSeconds: UnixTime.now) }
  private let metrics = ServerMetrics()
  private let transport: Transport
  private let memory: ResponseMemory?
  /// Where ratings of answers go; nil where none are wanted.
  package var feedback: FeedbackFile?
  private var supervisor: Supervisor
  private let onReady: @Sendable (Int) async -> Void

  /// Prepares a server for anything that generates.
  package init(
    service: any GenerationService, configuration: ServerConfiguration = ServerConfiguration(),
    logger: Logger = Logger(label: "apus.server"), keys: APIKeys? = nil,
    onReady: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.service = service
    self.configuration = configuration
    self.logger = logger
    self.keys = keys
    rates = RequestRates(perMinute: configuration.requestsPerMinute)
    transport = Transport(configuration.transport, logger: logger)
    let keptBytes = configuration.keptResponseBytes ?? (keys == nil ? 0 : 64 << 20)
    memory = keptBytes > 0 ? ResponseMemory(byteLimit: keptBytes) : nil
    supervisor = Supervisor(logger: logger)
    self.onReady = onReady
  }

  /// Serves until the surrounding service group stops it, then lets all answers end.
  public func run() async throws {
    try await withGracefulShutdownHandler {
      try await application().run()
    } onGracefulShutdown: {
      health.beginDraining()
      Task { await service.drain() }
    }
    await service.drain()
  }

  /// Serves until the process is asked to stop by SIGTERM or SIGINT, then lets all answers end; a
  /// second signal ends them at once. SIGHUP has the keys read again.
  public func runUntilStopped() async throws { try await runUntilStopped(under: nil) }

  /// Does the same, and tells a service manager when the server is ready, that it makes progress, and when
  /// it is about to end.
  package func runUntilStopped(under manager: ServiceManager?) async throws {
    var server = self
    server.supervisor.manager = manager
    try await server.runUntilSignalled()
  }

  private func runUntilSignalled() async throws {
    var settings = ServiceGroupConfiguration(services: [self], logger: logger)
    settings.maximumGracefulShutdownDuration = configuration.drainTimeout
    let group = ServiceGroup(configuration: settings)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    let watching = Task { await supervisor.watch(service) }
    defer { watching.cancel() }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      tasks.addTask {
        var isFirst = true
        for await signal in signals {
          if signal == .sighup {
            reloadKeys()
            continue
          }
          guard isFirst else { return }
          isFirst = false
          announceDrain()
          await group.triggerGracefulShutdown()
        }
      }
      // Whichever ends first ends the other: all answers have ended, or nobody wants to wait for them.
      try await tasks.next()
      tasks.cancelAll()
    }
  }

  private func announceDrain() {
    let status = service.status
    let answers = status.running + status.waiting
    supervisor.tellStopping(answers: answers)
    guard answers > 0 else { return }
    logger.notice(
      "Finishing \(answers) answer\(answers == 1 ? "" : "s"); a second Ctrl-C or signal stops at once"
    )
  }

  private func reloadKeys() {
    guard let keys else { return }
    do {
      try keys.reload()
      logger.notice("Keys were read again", metadata: ["count": "\(keys.count)"])
    } catch {
      logger.error("The keys stay as they were", metadata: ["error": "\(error)"])
    }
  }

  /// A router with all addresses, as the server itself uses it.
  public func makeRouter() -> Router<BasicRequestContext> {
    let router = Router()
    addMiddleware(to: router.middlewares)
    var routes = routes
    routes.page = .shared
    routes.add(to: router)
    return router
  }

  /// Adds all addresses but the page's to the router of another application, below a path of its
  /// choice.
  ///
  /// There a client that leaves is noticed when the next token is written, not before.
  public func addRoutes<Context: RequestContext>(
    to router: Router<Context>, below path: RouterPath = ""
  ) {
    let group = router.group(path)
      .add(middleware: RequestNames())
      .add(middleware: RequestLog(metrics: metrics))
      .add(middleware: ErrorResponses())
      .add(middleware: HostGuard(configuration: configuration))
      .add(middleware: accessGuard(below: path))
    routes.add(to: group)
  }

  /// The end of a server whose addresses are part of another application: a service that, when it is
  /// stopped, says so to those who ask for the health, refuses new requests, and ends when all answers have.
  ///
  /// Stopped first, as the last one of a group, it lets the answers that are being written end before
  /// connections close.
  ///
  /// - Parameter limit: How long answers may take to end; then they are cut.
  public func drainService(within limit: Duration = .seconds(30)) -> some Service {
    EngineDrain(service: service, health: health, limit: limit)
  }

  /// The application that `run()` runs.
  package func application() -> some ApplicationProtocol {
    transport.application(makeRouter().buildResponder()) { [onReady, supervisor] channel in
      await onReady(channel.localAddress?.port ?? 0)
      supervisor.tellReady(model: service.model.name)
    }
  }

  /// The routes of the server.
  var routes: RouteTable {
    let metrics = Metrics(
      service: service, server: metrics, transport: transport, price: configuration.price)
    return RouteTable(
      health: health, status: { [service] in service.status },
      models: Models(
        model: service.model, takesFeedback: feedback != nil, costs: { metrics.costs }),
      context: RouteContext(
        service: service, maximumBodyBytes: configuration.maximumBodyBytes,
        keepAlive: configuration.keepAliveInterval, showsSchemas: configuration.showsSchemas,
        memory: memory,
        feedback: feedback.map { .init(file: $0, knowsClients: keys != nil) }, clock: clock),
      metrics: metrics)
  }

  private func accessGuard<Context: RequestContext>(below path: RouterPath = "")
    -> AccessGuard<Context>
  {
    AccessGuard(keys: keys, rates: rates, base: path.description.split(separator: "/"))
  }

  private func addMiddleware(to middlewares: MiddlewareGroup<BasicRequestContext>) {
    middlewares.add(RequestNames())
    middlewares.add(RequestLog(metrics: metrics))
    middlewares.add(ErrorResponses())
    middlewares.add(HostGuard(configuration: configuration))
    middlewares.add(accessGuard())
  }
}
