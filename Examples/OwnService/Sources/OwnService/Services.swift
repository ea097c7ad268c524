import EngineMetrics
import GPTModel
import Hummingbird
import InferenceServer
import ServiceLifecycle
import UnixSignals

// listing: services
/// An application with addresses of its own and a model's below `/llm`, which SIGTERM ends once the answers
/// that are being written have ended, or after half a minute.
func makeServices(
  engine: Engine, port: Int, onReady: @escaping @Sendable (Int) async -> Void
) -> ServiceGroup {
  let server = InferenceServer(engine: engine)
  let router = Router()
  router.get("/") { _, _ in "A model answers below /llm.\n" }
  server.addRoutes(to: router, below: "llm")
  let application = Application(
    router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
    onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) })
  // The last one is ended first: connections close when the answers on them are complete.
  return ServiceGroup(
    services: [
      application, Figures(reporter: EngineReporter(engine: engine)),
      server.drainService(within: .seconds(30)),
    ],
    gracefulShutdownSignals: [.sigterm, .sigint], logger: application.logger)
}

/// Hands the engine's figures to the backend that `MetricsSystem` was set up with.
struct Figures: Service {
  let reporter: EngineReporter

  func run() async {
    await cancelWhenGracefulShutdown { await reporter.run(every: .seconds(10)) }
  }
}
// end
