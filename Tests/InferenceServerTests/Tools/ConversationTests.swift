import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("Conversations that are kept")
struct ConversationTests {
  private func ask(
    _ server: InferenceServer, _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
    key: String = "a"
  ) async throws -> TestResponse {
    try await server.answer(
      method, "/v1/conversations" + path, body, headers: [.authorization: "Bearer \(key)"])
  }

  private func begin(_ server: InferenceServer, _ body: String = "{}") async throws -> String {
    let document = try await ask(server, .post, "", body).document()
    #expect(document["object"] as? String == "conversation")
    return try #require(document["id"] as? String)
  }

  private func items(
    _ server: InferenceServer, _ id: String, _ query: String = "?order=asc"
  ) async throws -> [[String: Any]] {
    let page = try await ask(server, .get, "/\(id)/items\(query)").document()
    #expect(page["object"] as? String == "list")
    return try #require(page["data"] as? [[String: Any]])
  }

  @Test("Responses go on from a conversation and add to it", arguments: [false, true])
  func goesOn(streams: Bool) async throws {
    let service = FakeService(events: .tokensThenEnd("Hi!"))
    let server = InferenceServer.keeping(service)
    let id = try await begin(
      server, #"{"items": [{"role": "user", "content": "I am Ann."}], "metadata": {"k": "v"}}"#)
    for (value, prompt) in [
      (#""\#(id)""#, "<user>I am Ann.<user>one<assistant>"),
      (#"{"id": "\#(id)"}"#, "<user>I am Ann.<user>one<assistant>Hi!<user>one<assistant>"),
    ] {
      let response = try await server.respond(
        #""input": "one", "store": false, "stream": \#(streams), "conversation": \#(value)"#
      )
      #expect(response.status == .ok)
      #expect(service.prompts.last == prompt)
      if !streams {
        let named = try response.document()["conversation"] as? [String: Any]
        #expect(named?["id"] as? String == id)
      }
    }
    let all = try await items(server, id)
    #expect(
      all.map { $0["role"] as? String } == ["user", "user", "assistant", "user", "assistant"])
    let texts = all.map { ($0["content"] as? [[String: Any]])?.first?["text"] as? String }
    #expect(texts == ["I am Ann.", "one", "Hi!", "one", "Hi!"])
    #expect(Set(all.compactMap { $0["id"] as? String }).count == 5)
    #expect(all.allSatisfy { $0["status"] as? String == "completed" })
  }

  @Test("Items are listed by pages, told, added and removed")
  func pages() async throws {
    let server = InferenceServer.keeping(FakeService(events: []))
    let id = try await begin(server)
    let added = try await ask(
      server, .post, "/\(id)/items",
      #"{"items": [{"id": "x", "role": "user", "content": "1"}, {"id": "x", "role": "user", "content": "2"}]}"#
    ).document()
    #expect((added["data"] as? [Any])?.count == 2 && added["first_id"] as? String == "x")
    let names = try await items(server, id).compactMap { $0["id"] as? String }
    #expect(names.count == 2 && names[0] == "x" && names[1] != "x")
    let newest = try await ask(server, .get, "/\(id)/items?limit=1").document()
    #expect(newest["has_more"] as? Bool == true && newest["last_id"] as? String == names[1])
    let rest = try await items(server, id, "?after=\(names[1])")
    #expect(rest.map { $0["id"] as? String } == ["x"])
    #expect(try await ask(server, .get, "/\(id)/items/x").document()["id"] as? String == "x")
    for query in ["limit=0", "limit=101", "limit=a", "order=up", "after=y"] {
      let response = try await ask(server, .get, "/\(id)/items?\(query)")
      #expect(response.status == .badRequest)
      #expect(try query.hasPrefix(response.error()["param"] as? String ?? "?"))
    }
    let left = try await ask(server, .delete, "/\(id)/items/x").document()
    #expect(left["id"] as? String == id)
    for method in [HTTPRequest.Method.get, .delete] {
      let response = try await ask(server, method, "/\(id)/items/x")
      #expect(try response.error()["code"] as? String == "conversation_not_found")
      #expect(response.status == .notFound)
    }
    #expect(try await items(server, id).count == 1)
  }

  @Test("A conversation's notes are replaced, and it is forgotten with its items")
  func updates() async throws {
    let server = InferenceServer.keeping(FakeService(events: .tokensThenEnd("Hi!")))
    let id = try await begin(server, #"{"metadata": {"a": "1"}}"#)
    _ = try await ask(server, .post, "/\(id)", #"{"metadata": {"b": "2"}}"#)
    let told = try await ask(server, .get, "/\(id)").document()
    #expect(told["metadata"] as? [String: String] == ["b": "2"])
    let gone = try await ask(server, .delete, "/\(id)").document()
    #expect(gone["object"] as? String == "conversation.deleted")
    for (method, path) in [
      (HTTPRequest.Method.get, "/\(id)"), (.delete, "/\(id)"), (.get, "/\(id)/items"),
    ] {
      #expect(try await ask(server, method, path).status == .notFound)
    }
    let response = try await server.respond(#""input": "a", "conversation": "\#(id)""#)
    #expect(try response.error()["param"] as? String == "conversation")
  }

  @Test("Nobody finds another's conversation, and there are none where nothing is kept")
  func owners() async throws {
    let server = InferenceServer.keeping(FakeService(events: .tokensThenEnd("Hi!")))
    let id = try await begin(server)
    for (method, path, body) in [
      (HTTPRequest.Method.get, "/\(id)", nil), (.post, "/\(id)", "{}"), (.delete, "/\(id)", nil),
      (.get, "/\(id)/items", nil), (.get, "/\(id)/items/x", nil), (.delete, "/\(id)/items/x", nil),
      (.post, "/\(id)/items", #"{"items": [{"role": "user", "content": "a"}]}"#),
    ] as [(HTTPRequest.Method, String, String?)] {
      #expect(try await ask(server, method, path, body, key: "b").status == .notFound)
    }
    let other = try await server.respond(#""input": "a", "conversation": "\#(id)""#, key: "b")
    #expect(other.status == .badRequest)
    let response = try await server.answer(
      .get, "/v1/responses/\(id)", headers: [.authorization: "Bearer a"])
    #expect(response.status == .notFound)
    let without = InferenceServer.keeping(FakeService(events: []), bytes: 0)
    #expect(try await ask(without, .post, "", "{}").status == .badRequest)
    #expect(try await ask(without, .get, "/\(id)").status == .notFound)
  }

  @Test("Items are checked when they come, and again when some were removed")
  func checks() async throws {
    let server = InferenceServer.keeping(FakeService(events: .tokensThenEnd("Hi!")))
    let result = #"{"type": "function_call_output", "call_id": "c", "output": "R"}"#
    for items in ["5", "[5]", #"[{"type": "computer_call"}]"#, "[\(result)]", #"[{"role": "x"}]"#] {
      let response = try await ask(server, .post, "", #"{"items": \#(items)}"#)
      #expect(response.status == .badRequest, "\(items)")
      #expect(try (response.error()["param"] as? String)?.hasPrefix("items") == true, "\(items)")
    }
    let id = try await begin(
      server, #"{"items": [{"type": "function_call", "id": "i", "call_id": "c", "name": "f"}]}"#)
    #expect(try await ask(server, .post, "/\(id)/items", #"{"items": [\#(result)]}"#).status == .ok)
    #expect(try await ask(server, .post, "/\(id)/items", "{}").status == .badRequest)
    _ = try await ask(server, .delete, "/\(id)/items/i")
    let broken = try await server.respond(#""input": "a", "conversation": "\#(id)""#)
    #expect(try broken.error()["param"] as? String == "conversation")
    let both = try await server.respond(
      #""input": "a", "conversation": "\#(id)", "previous_response_id": "resp_1""#)
    #expect(both.status == .badRequest)
    for value in ["5", "{}", "[]"] {
      let response = try await server.respond(#""input": "a", "conversation": \#(value)"#)
      #expect(response.status == .badRequest, "\(value)")
    }
  }

  @Test("A conversation that outgrows the room is refused, and others are forgotten before")
  func bounds() async throws {
    let server = InferenceServer.keeping(FakeService(events: []), bytes: 10_000)
    func body(_ count: Int) -> String {
      #"{"items": [{"role": "user", "content": "\#(String(repeating: "a", count: count))"}]}"#
    }
    #expect(try await ask(server, .post, "", body(10_000)).status == .badRequest)
    let first = try await begin(server, body(1000))
    let second = try await begin(server, body(1000))
    #expect(try await ask(server, .post, "/\(first)/items", body(3000)).status == .badRequest)
    #expect(try await items(server, first).count == 1)
    #expect(try await ask(server, .post, "/\(first)/items", body(500)).status == .ok)
    #expect(try await ask(server, .get, "/\(second)").status == .notFound)
    #expect(try await items(server, first).count == 2)
  }
}
