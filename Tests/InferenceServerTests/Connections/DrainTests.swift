import GPTModel
import HTTPTestSupport
import Logging
import ServiceLifecycle
import Testing

@testable import InferenceServer

@Suite("Servers that stop", .timeLimit(.minutes(10)))
struct DrainTests {
  @Test("A server that is stopped ends its streams properly before it returns")
  func drain() async throws {
    let held = HeldGenerations()
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    var configuration = ServerConfiguration()
    configuration.port = 0
    let server = InferenceServer(
      service: held.service, configuration: configuration, logger: silent
    ) { ready.yield($0) }
    let group = ServiceGroup(configuration: .init(services: [server], logger: silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      let port = try #require(await ports.first { _ in true })
      try await RawClient.connect(port: port) { client in
        try await client.post(InferenceServer.conversation(#""stream": true"#))
        let source = try #require(await held.nextStarted())
        source.yield(all: GenerationEvent.tokens("H"))
        _ = try await client.read(through: #""content":"H""#)
        await group.triggerGracefulShutdown()
        source.yield(all: GenerationEvent.tokens("i"))
        _ = try await client.read(through: #""content":"i""#)
        source.yield(.end(completion: 2))
        source.finish()
        #expect(try await client.rest().hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
      }
      try await tasks.waitForAll()
    }
  }
}
