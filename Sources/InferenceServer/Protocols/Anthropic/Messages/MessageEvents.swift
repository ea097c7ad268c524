import JSON

/// Turns the events of an answer into those of Anthropic's messages protocol.
struct MessageEvents: AnswerStream {
  private var document: MessageDocument
  private var hasBlock = false

  /// Prepares the events of a message.
  init(_ builder: AnswerBuilder) {
    document = MessageDocument(builder: builder)
  }

  mutating func events(for event: ChoiceEvent) -> ServerSentEvents {
    var events = ServerSentEvents()
    if document.builder.begins(with: event) {
      append("message_start", &events) { json in
        json.member("message") { document.write(to: &$0) }
      }
      append("ping", &events) { _ in }
    }
    let piece = document.builder.append(event)
    guard !piece.text.isEmpty else { return events }
    if !hasBlock {
      hasBlock = true
      append("content_block_start", &events) { json in
        json.member("index", 0)
        json.member("content_block") { MessageDocument.writeBlock("", to: &$0) }
      }
    }
    append("content_block_delta", &events) { json in
      json.member("index", 0)
      json.member("delta") { json in
        json.object { json in
          json.member("type", "text_delta")
          json.member("text", piece.text)
        }
      }
    }
    return events
  }

  mutating func closing() -> ServerSentEvents {
    var events = ServerSentEvents()
    if hasBlock { append("content_block_stop", &events) { $0.member("index", 0) } }
    append("message_delta", &events) { json in
      json.member("delta") { $0.object { document.writeEnding(to: &$0) } }
      json.member("usage") { document.writeUsage(to: &$0) }
    }
    append("message_stop", &events) { _ in }
    return events
  }

  func failing(_ error: APIError) -> ServerSentEvents {
    var json = JSONWriter()
    error.writeMessages(to: &json)
    var events = ServerSentEvents()
    events.append(json, name: "error")
    return events
  }

  private func append(
    _ type: String, _ events: inout ServerSentEvents, members: (inout JSONWriter) -> Void
  ) {
    var json = JSONWriter()
    json.object { json in
      json.member("type", type)
      members(&json)
    }
    events.append(json, name: type)
  }
}
