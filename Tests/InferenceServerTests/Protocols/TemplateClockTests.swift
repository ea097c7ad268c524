import ChatTemplates
import HTTPTypes
import HummingbirdTesting
import Platform
import Testing

@testable import InferenceServer

@Suite("Served templates know the time")
struct TemplateClockTests {
  @Test(
    "A template that asks for the date gets the one handed in, by every protocol",
    arguments: ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
  func date(path: String) async throws {
    // As the templates of Llama 3.2 and Granite ask for it.
    let template = """
      {% if strftime_now is defined %}{% set date = strftime_now('%d %b %Y') %}\
      {% else %}{% set date = '26 Jul 2024' %}{% endif %}\
      Today Date: {{ date }}|{{ messages[0].content }}
      """
    let service = FakeService(template: template, events: [.end(completion: 0)])
    var server = InferenceServer(service)
    server.clock = { TemplateDate(unixSeconds: 1_767_225_600) }
    let conversation =
      path.hasSuffix("responses")
      ? #""input": "hi""# : #""messages": [{"role": "user", "content": "hi"}], "max_tokens": 1"#
    let response = try await server.answer(.post, path, #"{"model": "org/tiny", \#(conversation)}"#)
    #expect(response.status == .ok)
    #expect(service.prompts == ["Today Date: 01 Jan 2026|hi"])
  }

  @Test("Without a time of its own a server tells the machine's")
  func today() async throws {
    let service = FakeService(template: "{{ strftime_now('%s') }}", events: [])
    let server = InferenceServer(service)
    let before = UnixTime.now
    let document = try await server.answer(
      .post, "/apply-template", InferenceServer.conversation()
    ).document()
    let told = try #require((document["prompt"] as? String).flatMap { Int($0) })
    #expect((before...UnixTime.now).contains(told))
  }
}
