import ChatTemplates
import Grammars

/// Renders small conversations to find out what a chat template shows of them.
struct TemplateProbe {
  /// What may be in a conversation.
  enum Content {
    /// A call, with its arguments as a text or as an object.
    case calls(asText: Bool)
    /// Two calls of one message.
    case twoCalls(asText: Bool)
    /// A call with an id as servers make them.
    case longID
    /// The result of a call.
    case result(asText: Bool)
  }

  /// A date like any other, for templates that ask for it.
  private static let now = TemplateDate(unixSeconds: 1_750_000_000)

  private let template: ChatTemplate

  /// Prepares to try a template.
  init(_ template: ChatTemplate) { self.template = template }

  /// Renders messages with tools and variables.
  func render(
    _ messages: [JSONValue], _ tools: [JSONValue], _ variables: JSONObject
  ) throws -> String {
    var options = ChatTemplate.Options()
    options.tools = tools
    options.extra = variables
    options.vouchedRoles = ChatMessage.usualRoles
    options.now = Self.now
    return try template.render(messages.map(ChatMessage.init(probe:)), options: options)
      .map(\.text).joined()
  }

  /// Whether what is in a conversation shows in its rendering.
  func shows(_ content: Content) -> Bool {
    let (messages, texts) = content.conversation
    guard let rendering = try? render(messages, [Tool(name: "probe_one").json], JSONObject()) else {
      return false
    }
    return texts.allSatisfy(rendering.contains)
  }

  /// Whether a system message shows.
  var showsSystem: Bool {
    let text = "probe of a system message"
    let messages = [Self.message("system", text), Self.message("user", "A question.")]
    return (try? render(messages, [], JSONObject()))?.contains(text) ?? false
  }

  fileprivate static func message(
    _ role: String, _ content: String, _ members: [(String, JSONValue)] = []
  ) -> JSONValue {
    var message = JSONObject()
    message["role"] = .string(role)
    message["content"] = .string(content)
    for (name, value) in members { message[name] = value }
    return .object(message)
  }
}

extension TemplateProbe.Content {
  /// The messages, and the texts that a template shows which takes them.
  fileprivate var conversation: (messages: [JSONValue], texts: [String]) {
    let question = TemplateProbe.message("user", "A question.")
    switch self {
    case .calls(let asText):
      return ([question, Self.calls(["probe_one"], asText: asText)], ["probe_one", "probe value"])
    case .twoCalls(let asText):
      let names = ["probe_one", "probe_two"]
      return (
        [question, Self.calls(names, asText: asText)] + names.indices.map(Self.result), names
      )
    case .longID:
      let id = "call_0123456789abcdef01234567"
      return (
        [question, Self.calls(["probe_one"], asText: false, id: id)], ["probe_one", "probe value"]
      )
    case .result(let asText):
      return (
        [question, Self.calls(["probe_one"], asText: asText), Self.result(0)], ["result number 0"]
      )
    }
  }

  private static func calls(_ names: [String], asText: Bool, id: String? = nil) -> JSONValue {
    let calls = names.enumerated().map { index, name in
      var arguments = JSONObject()
      arguments["key"] = .string("probe value")
      var function = JSONObject()
      function["name"] = .string(name)
      function["arguments"] =
        asText ? .string(#"{"key": "probe value"}"#) : .object(arguments)
      var call = JSONObject()
      call["id"] = .string(id ?? "a1B2c3D4\(index)")
      call["type"] = .string("function")
      call["function"] = .object(function)
      return JSONValue.object(call)
    }
    return TemplateProbe.message("assistant", "", [("tool_calls", .array(calls))])
  }

  private static func result(_ index: Int) -> JSONValue {
    TemplateProbe.message(
      "tool", "result number \(index)",
      [("tool_call_id", .string("a1B2c3D4\(index)")), ("name", .string("probe_one"))])
  }
}

extension ChatMessage {
  /// A message of a probe, all of whose members are as they should be.
  fileprivate init(probe: JSONValue) {
    self.init(role: "user", content: "")
    guard case .object(let members) = probe else { return }
    for member in members.members {
      switch (member.name, member.value) {
      case ("role", .string(let role)): self.role = role
      case ("content", .string(let text)): content = text
      default: extra[member.name] = member.value
      }
    }
  }
}
