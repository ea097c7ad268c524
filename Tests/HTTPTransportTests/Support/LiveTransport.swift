import HTTPTestSupport
import Hummingbird
import ServiceLifecycle

@testable import HTTPTransport

extension TransportSettings {
  /// Settings for tests: a free port, and one path that is always answered.
  static var loopback: TransportSettings {
    var settings = TransportSettings(host: "127.0.0.1", port: 0, maximumConnections: 2048)
    settings.vitalPaths = ["/health/live"]
    return settings
  }
}

/// A transport with a router behind it, on a free port.
enum LiveTransport {
  /// Runs a router for as long as a closure, which is given its port.
  static func run(
    _ router: Router<BasicRequestContext>, _ settings: TransportSettings = .loopback,
    _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let application = Transport(settings, logger: silent).application(router.buildResponder()) {
      ready.yield($0.localAddress?.port ?? 0)
    }
    let group = ServiceGroup(configuration: .init(services: [application], logger: silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { ready.finish() }
        try await group.run()
      }
      if let port = await ports.first(where: { _ in true }) { try await body(port) }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }
}
