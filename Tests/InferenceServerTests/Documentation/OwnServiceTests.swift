import GPTModel
import HTTPTestSupport
import Hummingbird
import ServiceLifecycle
import TestSupport
import Testing

/// The program of `Examples/OwnService`, whose source is compiled here, too.
@Suite("A model in an application of one's own", .timeLimit(.minutes(10)))
struct OwnServiceTests {
  @Test("The application's addresses and the model's answer, until the group is stopped")
  func mounted() async throws {
    var configuration = EngineConfiguration()
    configuration.threads = 1
    let model = try LoadedModel.read(source: MemorySource(TinyModel().bytes()))
    let engine = try Engine(model: model, configuration: configuration)
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let services = makeServices(engine: engine, port: 0) { ready.yield($0) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await services.run() }
      let port = try #require(await ports.first { _ in true })
      let own = try await get("/", port)
      #expect(own.hasSuffix("A model answers below /llm.\n"))
      let metrics = try await get("/llm/metrics", port)
      #expect(metrics.hasPrefix("HTTP/1.1 200 ") && metrics.contains("apus:num_requests_running"))
      let models = try await get("/llm/v1/models", port)
      #expect(models.contains(engine.model.fingerprint) || models.contains(engine.model.name))
      await services.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    #expect(throws: EngineError.shuttingDown) {
      try engine.generate(GenerationRequest(prompt: [1]))
    }
  }

  /// What a connection of its own is answered.
  private func get(_ path: String, _ port: Int) async throws -> String {
    try await RawClient.connect(port: port) { client in
      try await client.send(
        "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n")
      return try await client.rest()
    }
  }
}
