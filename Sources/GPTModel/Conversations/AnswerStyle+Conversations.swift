import ChatTemplates
import Grammars

extension AnswerStyle {
  /// A conversation with tools as the model's template takes it.
  ///
  /// Arguments are objects, or texts where the template wants them so; calls that the template would
  /// drop are written into their message; ids have the form that it demands; results that it knows no
  /// place for come from the user; and a template that knows no tools is told of them in words.
  package func prepared(
    _ messages: [ChatMessage], tools: [JSONValue]
  ) -> PreparedConversation {
    var conversation = PreparedConversation(marks: controlTokens)
    var prepared: [ChatMessage] = []
    var followsResult = false
    for message in messages {
      switch message.role {
      case "tool": append(resultOf: message, to: &prepared, followsResult: followsResult)
      case "assistant" where message.extra["tool_calls"] != nil:
        prepared.append(withCalls(message, in: conversation))
      default: prepared.append(message)
      }
      followsResult = message.role == "tool"
    }
    if !takesTwoCalls { prepared = Self.split(prepared) }
    if finding == .none, !tools.isEmpty {
      conversation.messages = adding(description(of: tools), to: prepared)
    } else {
      (conversation.messages, conversation.tools) = (prepared, tools)
    }
    return conversation
  }

  /// The conversation with a text for the model at the end of its system message, or of one of its own;
  /// where the template knows none, before the first question.
  package func adding(_ text: String, to messages: [ChatMessage]) -> [ChatMessage] {
    var messages = messages
    let place = takesSystem ? "system" : "user"
    if let index = messages.firstIndex(where: { $0.role == place }),
      takesSystem == false || index == 0
    {
      let parts = [messages[index].content, text].filter { !$0.isEmpty }
      messages[index].content =
        (takesSystem ? parts : parts.reversed()).joined(separator: "\n\n")
    } else {
      messages.insert(ChatMessage(role: place, content: text), at: 0)
    }
    return messages
  }

  /// What a model is told whose template knows no tools.
  private func description(of tools: [JSONValue]) -> String {
    let functions = tools.map { tool in
      guard case .object(let object) = tool, let function = object["function"] else { return tool }
      return function
    }
    var name = JSONObject()
    name["parameter"] = .string("value")
    let example = format.text(of: [.init(id: "", name: "tool_name", arguments: name)])
    return """
      You may call these tools, each described in JSON on a line:
      \(functions.map(CallFormat.json).joined(separator: "\n"))

      To call a tool, write its name and arguments like this, once for each call:
      \(example)
      """
  }
}

// MARK: - Calls

extension AnswerStyle {
  private func withCalls(
    _ message: ChatMessage, in conversation: PreparedConversation
  ) -> ChatMessage {
    guard case .array(let values)? = message.extra["tool_calls"] else { return message }
    var message = message
    let calls = values.map(call(from:))
    guard finding != .calls else {
      message.extra["tool_calls"] = .array(zip(values, calls).map(rewritten))
      return message
    }
    message.extra["tool_calls"] = nil
    let text = conversation.named(format.text(of: calls))
    message.content = message.content.isEmpty ? text : message.content + "\n" + text
    return message
  }

  private func call(from value: JSONValue) -> CallFormat.Call {
    var function = JSONObject()
    var id = ""
    if case .object(let call) = value {
      if case .object(let inner)? = call["function"] { function = inner }
      if case .string(let text)? = call["id"] { id = text }
    }
    var name = ""
    if case .string(let text)? = function["name"] { name = text }
    var arguments = JSONObject()
    switch function["arguments"] {
    case .object(let object)?: arguments = object
    case .string(let text)?:
      if case .object(let object)? = try? JSONValue(parsing: Array(text.utf8)) {
        arguments = object
      }
    default: break
    }
    return CallFormat.Call(id: shortened(id), name: name, arguments: arguments)
  }

  /// A call with arguments and id of the kind that the template takes.
  private func rewritten(_ value: JSONValue, as call: CallFormat.Call) -> JSONValue {
    guard case .object(var object) = value, case .object(var function)? = object["function"] else {
      return value
    }
    var isObject = false
    if case .string(let text)? = function["arguments"] {
      if case .object? = try? JSONValue(parsing: Array(text.utf8)) { isObject = true }
    } else {
      isObject = true
    }
    // Arguments that are no object stay the text that they are.
    if isObject {
      let arguments = JSONValue.object(call.arguments)
      function["arguments"] =
        takesArgumentsAsText ? .string(CallFormat.json(arguments)) : arguments
    }
    object["function"] = .object(function)
    if !call.id.isEmpty { object["id"] = .string(call.id) }
    return .object(object)
  }

  /// An id of nine letters and digits in place of one that the template refuses; equal for equal ids.
  private func shortened(_ id: String) -> String {
    guard takesShortIDsOnly, !id.isEmpty else { return id }
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    if id.utf8.count == 9, id.allSatisfy(letters.contains) { return id }
    // FNV-1a, whose 64 bits are more than nine letters tell apart.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(
      (0..<9).map { _ in
        defer { hash /= UInt64(letters.count) }
        return letters[Int(hash % UInt64(letters.count))]
      })
  }

  /// Puts a result into the conversation.
  private func append(
    resultOf message: ChatMessage, to messages: inout [ChatMessage], followsResult: Bool
  ) {
    var message = message
    if case .string(let id)? = message.extra["tool_call_id"] {
      message.extra["tool_call_id"] = .string(shortened(id))
    }
    guard finding == .none || !takesResults else { return messages.append(message) }
    let text = "<tool_response>\n\(message.content)\n</tool_response>"
    if followsResult, let last = messages.indices.last {
      messages[last].content += "\n" + text
    } else {
      messages.append(ChatMessage(role: "user", content: text))
    }
  }

  /// The conversation with one call a message, each followed by its result.
  private static func split(_ messages: [ChatMessage]) -> [ChatMessage] {
    var messages = messages[...]
    var split: [ChatMessage] = []
    while let message = messages.popFirst() {
      guard case .array(let calls)? = message.extra["tool_calls"], calls.count > 1 else {
        split.append(message)
        continue
      }
      var results = Array(messages.prefix { $0.role == "tool" })
      messages.removeFirst(results.count)
      for (index, call) in calls.enumerated() {
        var part = message
        part.extra["tool_calls"] = .array([call])
        if index > 0 { part.content = "" }
        split.append(part)
        let own = results.firstIndex { $0.extra["tool_call_id"] == call.callID }
        if let own { split.append(results.remove(at: own)) }
      }
      split += results
    }
    return split
  }
}

extension JSONValue {
  /// The id of a call.
  fileprivate var callID: JSONValue? {
    if case .object(let object) = self { object["id"] } else { nil }
  }
}
