import JSON

/// Turns the events of an answer into those of OpenAI's responses protocol.
struct ResponseEvents: AnswerStream {
  private var document: ResponseDocument
  private var number = 0
  private var hasBegun = false
  private let keeper: ResponseKeeper?

  /// Prepares the events of a response.
  ///
  /// - Parameter keeper: Keeps it when it has ended.
  init(_ document: ResponseDocument, keeper: ResponseKeeper? = nil) {
    self.document = document
    self.keeper = keeper
  }

  mutating func events(for event: ChoiceEvent) -> ServerSentEvents {
    var events = ServerSentEvents()
    if document.builder.begins(with: event), !hasBegun {
      hasBegun = true
      appendResponse("response.created", &events)
      appendResponse("response.in_progress", &events)
    }
    let (piece, changes) = document.append(event)
    for change in changes {
      switch change {
      case .begins(let index): begin(index, &events)
      case .goesOn(let index, let text): append(text, piece, to: index, &events)
      case .ends(let index): end(index, &events)
      }
    }
    return events
  }

  mutating func closing() -> ServerSentEvents {
    var events = ServerSentEvents()
    keeper?.keep(document)
    appendResponse("response.\(document.status.rawValue)", &events)
    return events
  }

  mutating func failing(_ error: APIError) -> ServerSentEvents {
    document.error = error
    var events = ServerSentEvents()
    append("error", &events) { json in
      json.member("code", error.code ?? "server_error")
      json.member("message", error.message)
      json.member("param", error.parameter)
    }
    appendResponse("response.failed", &events)
    return events
  }

  private mutating func begin(_ index: Int, _ events: inout ServerSentEvents) {
    appendItem("response.output_item.added", index, &events)
    switch document.items[index].kind {
    case .call: break
    case .message, .reasoning:
      appendToPart("response.content_part.added", index, &events) { [document] json in
        json.member("part") { document.writePart(of: document.items[index], "", to: &$0) }
      }
    }
  }

  private mutating func append(
    _ text: String, _ piece: AnswerPiece, to index: Int, _ events: inout ServerSentEvents
  ) {
    switch document.items[index].kind {
    case .reasoning:
      appendToPart("response.reasoning_text.delta", index, &events) { $0.member("delta", text) }
    case .message:
      appendToPart("response.output_text.delta", index, &events) { [document] json in
        json.member("delta", text)
        json.member("logprobs") { document.write(piece.logprobs, to: &$0) }
      }
    case .call(let call):
      appendToItem("response.\(call.eventName).delta", index, &events) { $0.member("delta", text) }
    }
  }

  private mutating func end(_ index: Int, _ events: inout ServerSentEvents) {
    let item = document.items[index]
    switch item.kind {
    case .reasoning:
      appendToPart("response.reasoning_text.done", index, &events) { $0.member("text", item.text) }
    case .message:
      appendToPart("response.output_text.done", index, &events) { [document] json in
        json.member("text", item.text)
        json.member("logprobs") { document.write(document.logprobs, to: &$0) }
      }
    case .call(let call):
      appendToItem("response.\(call.eventName).done", index, &events) { json in
        json.member("name", call.name)
        json.member(call.isCustom ? "input" : "arguments", call.arguments)
      }
    }
    if case .call = item.kind {
    } else {
      appendToPart("response.content_part.done", index, &events) { [document] json in
        json.member("part") { document.writePart(of: item, item.text, to: &$0) }
      }
    }
    appendItem("response.output_item.done", index, &events)
  }

  private mutating func appendResponse(_ type: String, _ events: inout ServerSentEvents) {
    append(type, &events) { [document] json in
      json.member("response") { document.write(to: &$0) }
    }
  }

  private mutating func appendItem(
    _ type: String, _ index: Int, _ events: inout ServerSentEvents
  ) {
    append(type, &events) { [document] json in
      json.member("output_index", index)
      json.member("item") { document.write(document.items[index], to: &$0) }
    }
  }

  private mutating func appendToItem(
    _ type: String, _ index: Int, _ events: inout ServerSentEvents,
    members: (inout JSONWriter) -> Void
  ) {
    append(type, &events) { [document] json in
      json.member("item_id", document.items[index].id)
      json.member("output_index", index)
      members(&json)
    }
  }

  private mutating func appendToPart(
    _ type: String, _ index: Int, _ events: inout ServerSentEvents,
    members: (inout JSONWriter) -> Void
  ) {
    appendToItem(type, index, &events) { json in
      json.member("content_index", 0)
      members(&json)
    }
  }

  private mutating func append(
    _ type: String, _ events: inout ServerSentEvents, members: (inout JSONWriter) -> Void
  ) {
    var json = JSONWriter()
    json.object { json in
      json.member("type", type)
      json.member("sequence_number", number)
      members(&json)
    }
    number += 1
    events.append(json, name: type)
  }
}

extension AnswerCall {
  /// What events about it are called.
  fileprivate var eventName: String {
    isCustom ? "custom_tool_call_input" : "function_call_arguments"
  }
}

extension ResponseDocument {
  /// Writes the part of an item.
  fileprivate func writePart(of item: ResponseItem, _ text: String, to json: inout JSONWriter) {
    if item.isMessage { writePart(text, to: &json) } else { writeReasoningPart(text, to: &json) }
  }
}
