/// A transcript as a model reads it.
struct PromptLayout {
  /// The prompt, in pieces that know who wrote them.
  let segments: [PromptSegment]
  /// The tools that may be called.
  let tools: [GPTModel.Tool]

  /// Lays a conversation out by the model's template, or the request's own.
  ///
  /// - Parameter addsPrompt: Whether the model's answer begins at the end.
  /// - Throws: `ModelError` where the model has no template, `TemplateError` where it refuses the conversation.
  init(
    _ transcript: Transcript, tools definitions: [Transcript.ToolDefinition] = [],
    model: ApusLanguageModel, addsPrompt: Bool = true
  ) throws {
    let style = model.engine.model.style
    tools = try definitions.map {
      GPTModel.Tool(
        name: $0.name, description: $0.description, parameters: try $0.parameters.json(),
        isStrict: true)
    }
    let shown = try zip(tools, definitions).map { tool, definition in
      var tool = tool
      tool.parameters =
        definition.showsParameters ? try definition.parameters.json(isShown: true) : nil
      return tool.json
    }
    var messages = try ConversationMessages(transcript)
    if let instructions = messages.instructions {
      if model.request.template != nil {
        messages.all.insert(ChatMessage(role: "system", content: instructions), at: 0)
      } else {
        messages.all = style.adding(instructions, to: messages.all)
      }
    }
    let conversation = style.prepared(messages.all, tools: shown)
    var options = ChatTemplate.Options()
    options.vouchedRoles = ChatMessage.usualRoles
    options.tools = conversation.tools
    options.addGenerationPrompt = addsPrompt
    if let effort = transcript.reasoningEffort { options.extra["reasoning_effort"] = effort }
    segments = conversation.restored(
      try model.template(forTools: !tools.isEmpty).render(
        conversation.messages, options: options))
  }
}

extension ApusLanguageModel {
  /// The template of requests.
  fileprivate func template(forTools: Bool) throws -> ChatTemplate {
    let model = engine.model
    let own = forTools ? model.toolTemplate ?? model.chatTemplate : model.chatTemplate
    if let template = request.template {
      return template.adding(specialTokens: model.specialTokensOfTemplates)
    }
    guard let template = own else {
      throw ModelError(
        .missing, field: "tokenizer.chat_template",
        model.chatTemplateError?.description ?? "the model has no chat template")
    }
    return template
  }
}

/// The messages of a transcript. Ids are not shown, but numbers in their place: equal conversations have equal
/// prompts.
private struct ConversationMessages {
  /// What the model is told before all else.
  private(set) var instructions: String?
  /// The messages.
  var all: [ChatMessage] = []
  /// The ids that calls are shown with.
  private var ids: [String: String] = [:]

  init(_ transcript: Transcript) throws {
    for entry in transcript {
      switch entry {
      case .instructions(let entry):
        let text = entry.segments.joinedText
        if !text.isEmpty { instructions = joinedParts([instructions ?? "", text]) }
      case .prompt(let prompt):
        all.append(ChatMessage(role: "user", content: try prompt.shownText))
      case .response(let response):
        all.append(ChatMessage(role: "assistant", content: response.segments.joinedText))
      case .toolCalls(let calls): append(calls)
      case .toolOutput(let output):
        var message = ChatMessage(role: "tool", content: output.segments.joinedText)
        message.extra["tool_call_id"] = .string(ids[output.id] ?? output.toolName)
        message.extra["name"] = .string(output.toolName)
        all.append(message)
      }
    }
  }

  private mutating func append(_ calls: Transcript.ToolCalls) {
    var message = ChatMessage(role: "assistant", content: "")
    // What was said before the calls is the same message.
    if let last = all.last, last.role == "assistant", last.extra["tool_calls"] == nil {
      message = all.removeLast()
    }
    let shown = calls.map { call in
      let id = "call_\(ids.count)"
      ids[call.id] = id
      var function = JSONObject()
      function["name"] = .string(call.toolName)
      function["arguments"] = call.arguments.value
      var shown = JSONObject()
      shown["id"] = .string(id)
      shown["type"] = .string("function")
      shown["function"] = .object(function)
      return JSONValue.object(shown)
    }
    message.extra["tool_calls"] = .array(shown)
    all.append(message)
  }
}

extension Transcript {
  /// How much the model is to think about the latest prompt, in the words of templates; nil as it likes.
  fileprivate var reasoningEffort: JSONValue? {
    for case .prompt(let prompt) in reversed() {
      return prompt.contextOptions.reasoningLevel.map { level in
        switch level {
        case .light: .string("low")
        case .moderate: .string("medium")
        case .deep: .string("high")
        case .custom(let word): .string(word)
        }
      }
    }
    return nil
  }
}

extension Transcript.Prompt {
  /// The prompt, and the form of its answer where the model is shown it.
  fileprivate var shownText: String {
    get throws {
      let text = segments.joinedText
      guard let responseFormat, contextOptions.includeSchemaInPrompt ?? true else { return text }
      return try [text, responseFormat.schema.promptText()].joined(separator: "\n\n")
    }
  }
}
