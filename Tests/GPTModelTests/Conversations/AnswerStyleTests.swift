import ChatTemplates
import Grammars
import JSON
import TestSupport
import Testing
import Tokenizers

@testable import GPTModel

@Suite("Conversations are laid out as a template takes them")
struct AnswerStyleTests {
  /// Tools in the system turn, calls as JSON between tags, results in turns of the user's.
  static let tagged = """
    {% if tools %}[system]{% for t in tools %}{{ t | tojson }}{% endfor %}
    <tool_call></tool_call>{% endif %}\
    {% for m in messages %}[{{ 'user' if m.role == 'tool' else m.role }}]{{ m.content }}\
    {% for c in m.tool_calls or [] %}<tool_call>
    {"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}
    </tool_call>{% endfor %}{% endfor %}\
    {% if add_generation_prompt %}[assistant]{% if enable_thinking is defined %}<think>{% endif %}\
    {% endif %}{# </think> #}
    """
  /// A list of calls, with ids of nine letters only, and no more than one call a message.
  static let strict = """
    {% for m in messages %}{% if m.tool_calls %}\
    {% if m.tool_calls | length > 1 %}{{ raise_exception('one call only') }}{% endif %}\
    {% for c in m.tool_calls %}{% if c.id | length != 9 %}{{ raise_exception('nine') }}{% endif %}\
    [TOOL_CALLS][{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}, \
    "id": "{{ c.id }}"}]{% endfor %}\
    {% else %}<{{ m.role }}>{{ m.content }}{{ m.tool_call_id }}{% endif %}{% endfor %}
    """
  /// Knows neither tools nor a system message.
  static let plain = """
    {% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}\
    <{{ m.role }}>{{ m.content }}{% endfor %}
    """

  private func style(_ source: String) throws -> (AnswerStyle, ChatTemplate) {
    let template = try ChatTemplate(source: source)
    return (
      AnswerStyle(template: template, source: source, tokenizer: try Models.tiny().tokenizer),
      template
    )
  }

  private func render(
    _ source: String, _ messages: [ChatMessage], tools: [Tool] = []
  ) throws -> String {
    let (style, template) = try style(source)
    var options = ChatTemplate.Options()
    options.vouchedRoles = ChatMessage.usualRoles
    let prepared = style.prepared(messages, tools: tools.map(\.json))
    options.tools = prepared.tools
    return prepared.restored(try template.render(prepared.messages, options: options))
      .map(\.text).joined()
  }

  private static let question = ChatMessage(role: "user", content: "Q")

  private static func calls(_ calls: [(id: String, name: String)]) -> ChatMessage {
    let values = calls.map { call in
      let text =
        #"{"id": "\#(call.id)", "type": "function", "#
        + #""function": {"name": "\#(call.name)", "arguments": "{\"a\": 1}"}}"#
      return (try? JSONValue(parsing: Array(text.utf8))) ?? .null
    }
    return ChatMessage(
      role: "assistant", content: "", extra: Self.members(["tool_calls": .array(values)]))
  }

  private static func result(_ id: String, _ text: String) -> ChatMessage {
    ChatMessage(role: "tool", content: text, extra: members(["tool_call_id": .string(id)]))
  }

  private static func members(_ members: KeyValuePairs<String, JSONValue>) -> JSONObject {
    var object = JSONObject()
    for (name, value) in members { object[name] = value }
    return object
  }

  @Test("The form of calls and the marks of thinking are found")
  func finds() throws {
    let (tagged, _) = try style(Self.tagged)
    #expect(tagged.format.name == "hermes" && tagged.finding == .calls)
    #expect(tagged.thinks)
    let (strict, _) = try style(Self.strict)
    #expect(strict.format.name == "mistral-v3" && strict.finding == .calls)
    #expect(!strict.thinks)
    let (plain, _) = try style(Self.plain)
    #expect(plain.finding == .none && !plain.thinks)
  }

  @Test("Whether thinking is open is read off the prompt")
  func readsThinking() throws {
    let (style, _) = try style(Self.tagged)
    func thinking(_ text: String) -> AnswerForm.Thinking {
      style.thinking(after: [PromptSegment(text, from: .template)])
    }
    #expect(thinking("[assistant]") == .possible)
    #expect(thinking("[assistant]<think>\n") == .open)
    #expect(thinking("[assistant]<think>\n\n</think>\n\n") == .absent)
    let (plain, _) = try self.style(Self.plain)
    #expect(plain.thinking(after: [PromptSegment("<think>", from: .template)]) == .absent)
  }

  @Test("Arguments become objects, and results stay where the template has a place for them")
  func passesCalls() throws {
    let text = try render(
      Self.tagged, [Self.question, Self.calls([("call_1", "f")]), Self.result("call_1", "R")],
      tools: [Tool(name: "f")])
    #expect(
      text.contains("[user]Q[assistant]<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}"))
    #expect(text.hasSuffix("</tool_call>[user]R[assistant]"))
    #expect(text.hasPrefix("[system]{\"type\": \"function\""))
  }

  @Test("Ids are made as the template wants them, and calls of one message come one by one")
  func passesStrictCalls() throws {
    let text = try render(
      Self.strict,
      [
        Self.question, Self.calls([("call_a", "f"), ("call_b", "g")]), Self.result("call_b", "RB"),
        Self.result("call_a", "RA"),
      ], tools: [Tool(name: "f")])
    let parts = text.split(separator: "[TOOL_CALLS]")
    #expect(parts.count == 3)
    for (part, letter) in zip(parts.dropFirst(), ["A", "B"]) {
      let ids = part.matches(of: /"id": "([0-9A-Za-z]{9})"/).map { String($0.1) }
      #expect(ids.count == 1)
      #expect(part.contains("<tool>R\(letter)\(ids.first ?? "?")"))
    }
  }

  @Test("A template that knows neither tools nor a system message is told in the question")
  func tellsInWords() throws {
    let text = try render(
      Self.plain,
      [
        Self.question, Self.calls([("1", "f"), ("2", "g")]), Self.result("1", "R1"),
        Self.result("2", "R2"),
      ],
      tools: [Tool(name: "f", description: "Does f.")])
    #expect(text.hasPrefix("<user>You may call these tools"))
    #expect(text.contains(#"{"name": "f", "description": "Does f."}"#))
    #expect(text.contains("\n\nQ<assistant><tool_call>\n"))
    #expect(
      text.hasSuffix(
        "<user><tool_response>\nR1\n</tool_response>\n<tool_response>\nR2\n</tool_response>"))
  }

  @Test("Calls that a template drops are written by their marks, which nobody else can write")
  func writesDroppedCalls() throws {
    var (style, template) = try style(Self.plain)
    style.format = .lfm2
    style.controlTokens = ["<|tool_call_start|>", "<|tool_call_end|>"]
    var question = Self.question
    question.content = "<|tool_call_start|>"
    let prepared = style.prepared([question, Self.calls([("1", "f")])], tools: [])
    let prompt = prepared.restored(try template.render(prepared.messages))
    let written = prompt.filter { $0.source == .template }.map(\.text).joined()
    #expect(written.ranges(of: "<|tool_call_start|>").count == 1)
    #expect(
      prompt.map(\.text).joined()
        == "<user><|tool_call_start|><assistant><|tool_call_start|>[f(a=1)]<|tool_call_end|>")
  }

  @Test("Rules of calls are compiled for the model's form, and what they relax is told")
  func compiles() async throws {
    let compiler = ConstraintCompiler(tokenizer: try Models.tiny().tokenizer)
    let schema = try JSONValue(
      parsing: Array(#"{"properties": {"a": {"type": "string", "pattern": "(?=x)"}}}"#.utf8))
    var form = AnswerForm(tools: ToolUse([Tool(name: "f", parameters: schema)]))
    let constraint = try await compiler.constraint(.answer(form), ConstraintOptions())
    #expect(constraint.relaxed.map(\.tool) == [0])
    form.tools?.tools = [Tool(name: "g"), Tool(name: "f", parameters: schema, isStrict: true)]
    let strict = form
    let error = await #expect(throws: ConstraintError.self) {
      _ = try await compiler.constraint(.answer(strict), ConstraintOptions())
    }
    #expect(error?.tool == 1 && error?.code == .unsupported)
    #expect(error?.description.hasPrefix("the schema at /properties/a") == true)
  }
}
