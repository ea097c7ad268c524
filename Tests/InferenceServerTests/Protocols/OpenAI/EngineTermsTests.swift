import GPTModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("What routes tell the engine, and the engine them")
struct EngineTermsTests {
  private func terms(_ members: String, headers: HTTPFields = [:]) async throws -> RequestTerms? {
    let service = FakeService(events: .tokensThenEnd("H"))
    let response = try await InferenceServer(service).chat(members, headers: headers)
    #expect(response.status == .ok)
    return service.requests.first?.terms
  }

  @Test("A client is told by its key, in either header")
  func client() async throws {
    #expect(try await terms("")?.client == "")
    #expect(try await terms("", headers: [.authorization: "Bearer k1"])?.client == "k1")
    #expect(try await terms("", headers: [.authorization: "bearer k2"])?.client == "k2")
    #expect(try await terms("", headers: [.apiKey: "k3"])?.client == "k3")
  }

  @Test("Priority, tier, salt and cache are passed on")
  func members() async throws {
    #expect(try await terms(#""priority": -7"#)?.priority == -7)
    #expect(try await terms(#""service_tier": "flex""#)?.priority == 1)
    #expect(try await terms(#""service_tier": "priority""#)?.priority == -1)
    #expect(try await terms(#""service_tier": "auto""#)?.priority == 0)
    #expect(try await terms(#""cache_salt": "s""#)?.cacheSalt == "s")
    #expect(try await terms(#""cache_prompt": false"#)?.usesCache == false)
    #expect(try await terms("")?.usesCache == true)
  }

  @Test("What an answer will be like is passed on, as a text or in parts")
  func prediction() async throws {
    for content in [#""ab""#, #"[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]"#] {
      let service = FakeService(events: .tokensThenEnd("H"))
      let member = #""prediction": {"type": "content", "content": \#(content)}"#
      #expect(try await InferenceServer(service).chat(member).status == .ok)
      #expect(service.requests.first?.predicted.suffix(1) == [98])
    }
  }

  @Test(
    "What the engine refuses has its status, and says when to try again",
    arguments: [
      (EngineError.queueFull(limit: 7), 503, "3"), (.tokensQueued(limit: 7), 503, "3"),
      (.tooManyForClient(limit: 7), 429, "1"), (.waitedTooLong, 504, ""),
    ])
  func refusals(error: EngineError, status: Int, retryAfter: String) async throws {
    let service = FakeService { _ throws(EngineError) in throw error }
    service.reported.withLockedValue {
      $0.waitingTokens = 1000
      $0.secondsPerPromptToken = 0.0025
    }
    let response = try await InferenceServer(service).chat()
    #expect(response.status.code == status)
    #expect(response.headers[.retryAfter] ?? "" == retryAfter)
  }

  @Test(
    "Where there is no room, requests are refused before they cost anything",
    arguments: [
      "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages",
    ])
  func noRoom(path: String) async throws {
    let service = FakeService(events: [])
    service.refusal.withLockedValue { $0 = .queueFull(limit: 7) }
    let response = try await InferenceServer(service).answer(.post, path, "not even JSON")
    #expect(response.status.code == (path == "/v1/messages" ? 529 : 503))
    #expect(response.headers[.retryAfter] == "1")
    #expect(service.sources.isEmpty && service.requests.isEmpty)
    service.refusal.withLockedValue { $0 = nil }
    #expect(
      try await InferenceServer(service).answer(.post, path, "not even JSON").status.code
        == 400)
  }

  @Test("Health tells what the engine is doing", arguments: ["/health", "/v1/health/"])
  func status(path: String) async throws {
    let service = FakeService(events: [])
    service.reported.withLockedValue { status in
      (status.running, status.waiting, status.waitingTokens) = (3, 2, 70)
      (status.totalPages, status.freePages, status.steps) = (100, 40, 1000)
      (status.prefixHits, status.cachedTokens, status.preemptions) = (7, 224, 5)
      for time in [0.25, 0.5] { status.cancelToFree[.decoding].add(time) }
    }
    let document = try await InferenceServer(service).answer(.get, path).document()
    #expect(document["status"] as? String == "ok")
    let counts = [
      "running": 3, "waiting": 2, "waiting_tokens": 70, "cache_pages": 100,
      "cache_pages_free": 40, "prefix_hits": 7, "cached_tokens": 224, "preemptions": 5,
      "steps": 1000,
    ]
    for (name, count) in counts { #expect(document[name] as? Int == count) }
    let times = try #require(document["cancel_to_free_seconds"] as? [String: [String: Double]])
    #expect(Set(times.keys) == ["queued", "prefilling", "decoding"])
    #expect(times["queued"] == ["count": 0, "p50": 0, "p99": 0, "max": 0])
    #expect(times["decoding"]?["count"] == 2)
    #expect(times["decoding"]?["max"] == 0.5)
  }

  @Test("An engine that is stuck in a step is not alive, but may be ready")
  func liveness() async throws {
    let service = FakeService(events: [])
    let server = InferenceServer(service)
    #expect(try await server.answer(.get, "/health/live").status == .ok)
    service.reported.withLockedValue { $0.secondsInStep = 61 }
    #expect(try await server.answer(.get, "/health/live").status == .serviceUnavailable)
    #expect(try await server.answer(.get, "/health/ready").status == .ok)
  }
}
