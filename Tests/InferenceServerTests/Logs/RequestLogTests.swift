import GPTModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

/// Keeps what is logged.
struct LogCollector: LogHandler {
  /// An event as it was logged.
  struct Line: Sendable {
    let level: Logger.Level
    let message: String
    let metadata: [String: String]
  }

  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  let lines = NIOLockedValueBox<[Line]>([])

  subscript(metadataKey name: String) -> Logger.MetadataValue? {
    get { metadata[name] }
    set { metadata[name] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
    let line = Line(level: event.level, message: "\(event.message)", metadata: fields)
    lines.withLockedValue { $0.append(line) }
  }
}

@Suite("The line about a request")
struct RequestLogTests {
  private static let key = "sk-0123456789abcdef"

  private func lines(
    _ service: FakeService, _ use: (InferenceServer) async throws -> Void
  ) async throws -> [LogCollector.Line] {
    let collector = LogCollector()
    let logger = Logger(label: "test") { _ in collector }
    let keys = try APIKeys(file: nil, text: "ann:\(Self.key)")
    try await use(InferenceServer(service, logger: logger, keys: keys))
    return collector.lines.withLockedValue { $0 }
  }

  @Test("It tells whose request it was, how it ended and what it used", arguments: [true, false])
  func finished(streams: Bool) async throws {
    let service = FakeService(
      events: GenerationEvent.tokens("Hello") + [
        .end(.length, prompt: 12, cached: 3, completion: 5)
      ])
    let lines = try await lines(service) { server in
      let response = try await server.chat(
        #""stream": \#(streams)"#, headers: [.apiKey: Self.key, .requestID: "mine"])
      #expect(response.status == .ok)
    }
    #expect(lines.count == 1)
    let fields = try #require(lines.first?.metadata)
    let expected = [
      "request": "mine", "client": "ann", "method": "POST", "route": "/v1/chat/completions",
      "status": "200", "finish": "length", "prompt_tokens": "12", "cached_tokens": "3",
      "completion_tokens": "5",
    ]
    for (name, value) in expected { #expect(fields[name] == value) }
    for name in ["queue_ms", "prefill_ms", "decode_ms", "total_ms"] {
      #expect(fields[name].flatMap { Double($0) } != nil)
    }
  }

  @Test("Several answers are one line")
  func choices() async throws {
    let service = FakeService(events: .tokensThenEnd("Hi"))
    let lines = try await lines(service) { server in
      _ = try await server.chat(#""n": 3"#, headers: [.apiKey: Self.key])
    }
    #expect(lines.map { $0.metadata["finish"] } == ["stop,stop,stop"])
  }

  @Test("A refusal tells why, and neither text nor key is in any line")
  func secrets() async throws {
    let service = FakeService(events: .tokensThenEnd("canary"))
    let lines = try await lines(service) { server in
      let body = #"{"model": "org/tiny", "messages": [{"role": "user", "content": "canary"}]}"#
      for headers in [[.apiKey: Self.key], [.apiKey: Self.key + "x"], [:]] as [HTTPFields] {
        _ = try await server.answer(.post, "/v1/chat/completions", body, headers: headers)
        _ = try await server.answer(.post, "/v1/chat/completions", "canary", headers: headers)
        _ = try await server.answer(.get, "/v1/models/canary?canary", headers: headers)
      }
    }
    #expect(lines.count == 9)
    #expect(lines.filter { $0.metadata["error"] == "invalid_api_key" }.count == 6)
    for line in lines {
      let text = "\(line)"
      #expect(!text.contains("canary") && !text.contains(Self.key))
    }
  }

  @Test("What programs ask for all the time is logged only in detail")
  func watching() async throws {
    let lines = try await lines(FakeService(events: [])) { server in
      for path in ["/health", "/health/live", "/v1/metrics"] {
        let answer = try await server.answer(.get, path, headers: [.apiKey: Self.key])
        #expect(answer.status == .ok)
      }
    }
    #expect(lines.isEmpty)
  }
}
