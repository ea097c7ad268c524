import ChatTemplates
import JSON
import Testing
import Tokenizers

@Suite("Chat templates")
struct ChatTemplateTests {
  private func text(
    _ source: String, _ messages: [ChatMessage] = [],
    _ change: (inout ChatTemplate.Options) -> Void = { _ in }
  ) throws -> String {
    var options = ChatTemplate.Options()
    change(&options)
    return try ChatTemplate(source: source).render(messages, options: options)
      .map(\.text).joined()
  }

  private func error(
    _ source: String, _ change: (inout ChatTemplate.Options) -> Void = { _ in }
  ) -> TemplateError? {
    #expect(throws: TemplateError.self) { try text(source, [], change) }
  }

  @Test("A template's own refusal carries its words and its place")
  func raised() {
    let found = error("\n{{ raise_exception('no système') }}")
    #expect(found?.kind == .raised)
    #expect(found?.message == "no système")
    #expect(found?.line == 2)
    #expect(found?.description == "no système (template line 2, column 19)")
  }

  @Test("A refusal is cut to 200 bytes, between scalars")
  func longRefusal() {
    let found = error("{{ raise_exception('a' ~ 'é' * 1000) }}")
    #expect(found?.message == "a" + String(repeating: "é", count: 99))
  }

  @Test(
    "Operations without meaning are errors that say where",
    arguments: [
      "missing.x", "missing + 1", "'a' | nosuch", "1 is nosuch", "[1, 'a'] | sort",
      "[1, none] | max", "none | length", "1 + 'a'", "9223372036854775807 + 1",
      "-9223372036854775807 - 2", "-(-9223372036854775807 - 1)", "9223372036854775807 * 2",
      "2 ** 64",
      "(-9223372036854775807 - 1) // -1", "(-9223372036854775807 - 1) | abs",
      "('9' * 30) | int", "1e30 | int", "1 // 0", "1 % 0", "'%d' | format('a')", "'%d' % 1e30",
      "'%.99999d' % 1.5 ~ '%.99999f' % 1.5", "strftime_now('%Q')", "range(1, 2, 0)", "'a'[::0]",
      "{[]: 1}", "9223372036854775807 | round(-1)", "5 | round(-400, 'ceil')", "1.5 ** 0.3",
    ])
  func meaningless(_ expression: String) {
    let found = error(" {{ \(expression) }}") { $0.now = TemplateDate(unixSeconds: 0) }
    #expect(found?.kind == .runtime, "\(String(describing: found))")
    #expect(found?.line == 1)
  }

  @Test("Without a time there is no clock")
  func clock() throws {
    let source = "{{ strftime_now('%F %T') if strftime_now is defined else 'none' }}"
    #expect(try text(source) == "none")
    for (seconds, offset, expected) in [
      (0, 0, "1970-01-01 00:00:00"), (951_782_400, 0, "2000-02-29 00:00:00"),
      (-1, 0, "1969-12-31 23:59:59"), (1_735_689_599, 3600, "2025-01-01 00:59:59"),
      (1_735_689_600, -1, "2024-12-31 23:59:59"), (4_107_542_400, 0, "2100-03-01 00:00:00"),
      (.max, .max, "9999-12-31 23:59:59"), (.min, .min, "0-01-01 00:00:00"),
    ] {
      #expect(
        try text(source) { $0.now = TemplateDate(unixSeconds: seconds, offset: offset) }
          == expected)
    }
  }

  @Test(
    "Names that the renderer gives cannot be given by the caller",
    arguments: ChatTemplate.reservedNames)
  func reservedNames(_ name: String) {
    let found = error("x") { $0.extra[name] = .string("<s>") }
    #expect(found?.kind == .runtime)
    #expect(found?.message.contains(name) == true)
  }

  @Test("The last message is left open where it stops, and no answer begins")
  func continued() throws {
    let source = """
      {% for m in messages %}<{{ m.role }}>{{ m.content | trim }}<end>{% endfor %}\
      {% if add_generation_prompt %}<assistant>{% endif %}
      """
    var options = ChatTemplate.Options()
    options.continuesFinalMessage = true
    let messages = [
      ChatMessage(role: "user", content: "hi"), ChatMessage(role: "assistant", content: "Well, "),
    ]
    let segments = try ChatTemplate(source: source).render(messages, options: options)
    #expect(segments.map(\.text).joined() == "<user>hi<end><assistant>Well, ")
    #expect(segments.last == PromptSegment("Well, ", from: .content))
  }

  @Test("A template that does not show the last message leaves nothing to continue")
  func notContinuable() {
    let found = #expect(throws: TemplateError.self) {
      try text("{{ messages[0].role }}", [ChatMessage(role: "assistant", content: "a")]) {
        $0.continuesFinalMessage = true
      }
    }
    #expect(found?.kind == .notContinuable)
  }

  @Test("A special token's name is reserved too")
  func reservedToken() throws {
    let template = try ChatTemplate(source: "{{ t }}", specialTokens: ["t": "<t>"])
    #expect(try template.render([]) == [PromptSegment("<t>", from: .template)])
    var options = ChatTemplate.Options()
    options.extra["t"] = .string("<other>")
    #expect(throws: TemplateError.self) { try template.render([], options: options) }
  }

  @Test("A template cannot change what the caller gave")
  func mutation() throws {
    let source = """
      {% set messages = messages[1:] %}{% for m in messages %}{% set m = 1 %}{% endfor %}\
      {% set tools = none %}{% set add_generation_prompt = false %}{% set range = 1 %}\
      {{ messages | length }}{{ tools is none }}
      """
    let template = try ChatTemplate(source: source)
    let messages = [ChatMessage(role: "a", content: "1"), ChatMessage(role: "b", content: "2")]
    var options = ChatTemplate.Options()
    options.tools = [.integer(1)]
    let first = try template.render(messages, options: options)
    #expect(first.map(\.text).joined() == "1True")
    #expect(try template.render(messages, options: options) == first)
    for change in ["messages[0].update({'role': 'x'})", "messages.append(1)", "tools.clear()"] {
      let changing = try ChatTemplate(source: "{{ \(change) }}")
      #expect(throws: TemplateError.self) { try changing.render(messages, options: options) }
    }
  }

  @Test("Members of a message come after role and content, and take their place by name")
  func members() throws {
    var message = ChatMessage(role: "user", content: "Hi")
    message.extra["name"] = .string("Ann")
    message.extra["content"] = .null
    #expect(
      try text("{{ messages[0] }}", [message])
        == "{'role': 'user', 'content': None, 'name': 'Ann'}")
  }

  @Test("Texts that are equal only canonically are different")
  func scalars() throws {
    let source =
      "{{ 'é' == 'e\u{301}' }}{{ {'é': 1}['e\u{301}'] is defined }}{{ 'e\u{301}' | length }}"
    #expect(try text(source) == "FalseFalse2")
  }

  @Test("An empty output has no segments")
  func empty() throws {
    #expect(try ChatTemplate(source: "{{ '' }}{# x #}").render([]).isEmpty)
  }
}
