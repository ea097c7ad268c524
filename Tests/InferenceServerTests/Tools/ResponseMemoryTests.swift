import ChatTemplates
import Foundation
import GPTModel
import Grammars
import HTTPTypes
import HummingbirdTesting
import NIOConcurrencyHelpers
import Testing

@testable import InferenceServer

@Suite("Responses that are kept")
struct ResponseMemoryTests {
  private func ask(
    _ server: InferenceServer, _ method: HTTPRequest.Method, _ path: String, key: String = "a"
  ) async throws -> TestResponse {
    try await server.answer(
      method, "/v1/responses/" + path, headers: [.authorization: "Bearer \(key)"])
  }

  @Test("A response is told again, gone on from, and forgotten", arguments: [false, true])
  func keeps(streams: Bool) async throws {
    let service = FakeService(events: .tokensThenEnd("Hi!"))
    let server = InferenceServer.keeping(service)
    let first = try await server.respond(
      #""input": "hi", "instructions": "Be brief.", "stream": \#(streams)"#)
    var id = ""
    var document: [String: Any] = [:]
    if streams {
      document = try #require(
        try first.namedEvents().last?.data["response"] as? [String: Any])
    } else {
      document = try first.document()
    }
    id = try #require(document["id"] as? String)
    #expect(document["store"] as? Bool == true)
    let again = try await ask(server, .get, id).document()
    #expect(again["output"] as? NSArray == document["output"] as? NSArray)
    let second = try await server.respond(
      #""input": "And?", "previous_response_id": "\#(id)""#
    ).document()
    #expect(second["previous_response_id"] as? String == id)
    #expect(service.prompts.last == "<user>hi<assistant>Hi!<user>And?<assistant>")
    let items = try await ask(server, .get, "\(id)/input_items").document()
    let item = try #require((items["data"] as? [[String: Any]])?.first)
    #expect(item["content"] as? String == "hi" && item["id"] is String)
    #expect(items["first_id"] as? String == item["id"] as? String)
    let gone = try await ask(server, .delete, id)
    #expect(try gone.document()["deleted"] as? Bool == true)
    for method in [HTTPRequest.Method.get, .delete] {
      let answer = try await ask(server, method, id)
      #expect(answer.status == .notFound)
      #expect(try answer.error()["code"] as? String == "response_not_found")
    }
    let broken = try await server.respond(#""input": "And?", "previous_response_id": "\#(id)""#)
    #expect(broken.status == .badRequest)
    #expect(try broken.error()["param"] as? String == "previous_response_id")
  }

  @Test("Results name calls of the response before")
  func results() async throws {
    let text = "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>"
    let service = FakeService(events: .tokensThenEnd(text))
    service.writtenStyle.withLockedValue { $0.finding = .calls }
    let server = InferenceServer.keeping(service)
    let tools = #""tools": [{"type": "function", "name": "f"}]"#
    let first = try await server.respond(#"\#(tools), "input": "hi""#).document()
    let call = try #require((first["output"] as? [[String: Any]])?.first)
    let callID = try #require(call["call_id"] as? String)
    let id = try #require(first["id"] as? String)
    func output(_ callID: String) -> String {
      #"\#(tools), "previous_response_id": "\#(id)", "#
        + #""input": [{"type": "function_call_output", "call_id": "\#(callID)", "output": "R"}]"#
    }
    #expect(try await server.respond(output(callID)).status == .ok)
    #expect(service.prompts.last == "<user>hi<assistant><tool>R<assistant>")
    let broken = try await server.respond(output("another"))
    #expect(try broken.error()["param"] as? String == "input[0].call_id")
  }

  @Test("Nobody finds another's response")
  func owners() async throws {
    let server = InferenceServer.keeping(FakeService(events: .tokensThenEnd("Hi!")))
    let document = try await server.respond(#""input": "hi""#).document()
    let id = try #require(document["id"] as? String)
    #expect(try await ask(server, .get, id, key: "b").status == .notFound)
    #expect(try await ask(server, .delete, id, key: "b").status == .notFound)
    let other = try await server.respond(
      #""input": "And?", "previous_response_id": "\#(id)""#, key: "b")
    #expect(other.status == .badRequest)
    #expect(try await ask(server, .get, id).status == .ok)
  }

  @Test("What is not to be kept is not, nor anything where nothing is kept")
  func keepsNothing() async throws {
    let server = InferenceServer.keeping(FakeService(events: .tokensThenEnd("Hi!")))
    let document = try await server.respond(#""input": "hi", "store": false"#).document()
    #expect(document["store"] as? Bool == false)
    let id = try #require(document["id"] as? String)
    #expect(try await ask(server, .get, id).status == .notFound)
    let without = InferenceServer.keeping(FakeService(events: .tokensThenEnd("Hi!")), bytes: 0)
    let other = try await without.respond(#""input": "hi", "store": true"#).document()
    #expect(other["store"] as? Bool == false)
    let refused = try await without.respond(#""input": "And?", "previous_response_id": "resp_1""#)
    #expect(try refused.error()["param"] as? String == "previous_response_id")
  }

  @Test("The oldest are forgotten where there is no room, and none that is larger than all of it")
  func bounds() {
    func response(_ id: String, bytes: Int) -> KeptResponse {
      KeptResponse(
        id: id, owner: "", document: [UInt8](repeating: 0, count: bytes), input: [], messages: [])
    }
    let memory = ResponseMemory(byteLimit: 10_000)
    for name in ["a", "b", "c"] { memory.keep(response(name, bytes: 3000)) }
    #expect(memory.response("a", of: "") == nil)
    #expect(memory.response("b", of: "") != nil && memory.response("c", of: "") != nil)
    memory.keep(response("d", bytes: 20_000))
    #expect(memory.response("d", of: "") == nil && memory.response("c", of: "") != nil)
    #expect(memory.forget("b", of: "") && !memory.forget("b", of: ""))
    memory.keep(response("e", bytes: 3000))
    #expect(memory.response("c", of: "") != nil && memory.response("e", of: "") != nil)
  }
}
