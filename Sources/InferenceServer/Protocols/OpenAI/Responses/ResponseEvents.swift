import JSON

/// Turns the events of an answer into those of OpenAI's responses protocol.
struct ResponseEvents: AnswerStream {
  private var document: ResponseDocument
  private var number = 0

  /// Prepares the events of a response.
  init(_ document: ResponseDocument) {
    self.document = document
  }

  mutating func events(for event: ChoiceEvent) -> ServerSentEvents {
    var events = ServerSentEvents()
    if document.builder.begins(with: event) { begin(&events) }
    let piece = document.builder.append(event)
    if !piece.text.isEmpty || !piece.logprobs.isEmpty {
      appendToPart("response.output_text.delta", &events) { [document] json in
        json.member("delta", piece.text)
        json.member("logprobs") { document.write(piece.logprobs, to: &$0) }
      }
    }
    return events
  }

  mutating func closing() -> ServerSentEvents {
    var events = ServerSentEvents()
    appendToPart("response.output_text.done", &events) { [document] json in
      json.member("text", document.text)
      json.member("logprobs") { document.write(document.logprobs, to: &$0) }
    }
    appendToPart("response.content_part.done", &events) { [document] json in
      json.member("part") { document.writePart(to: &$0) }
    }
    appendItem("response.output_item.done", &events)
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

  private mutating func begin(_ events: inout ServerSentEvents) {
    appendResponse("response.created", &events)
    appendResponse("response.in_progress", &events)
    appendItem("response.output_item.added", &events)
    appendToPart("response.content_part.added", &events) { [document] json in
      json.member("part") { document.writePart(to: &$0) }
    }
  }

  private mutating func appendResponse(_ type: String, _ events: inout ServerSentEvents) {
    append(type, &events) { [document] json in
      json.member("response") { document.write(to: &$0) }
    }
  }

  private mutating func appendItem(_ type: String, _ events: inout ServerSentEvents) {
    append(type, &events) { [document] json in
      json.member("output_index", 0)
      json.member("item") { document.writeMessage(to: &$0) }
    }
  }

  private mutating func appendToPart(
    _ type: String, _ events: inout ServerSentEvents, members: (inout JSONWriter) -> Void
  ) {
    append(type, &events) { [document] json in
      json.member("item_id", document.messageID)
      json.member("output_index", 0)
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
