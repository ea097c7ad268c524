import JSON

/// Turns the events of an answer into those of Anthropic's messages protocol.
struct MessageEvents: AnswerStream {
  private var document: MessageDocument
  /// What the open block is; nil where none is open.
  private var open: Block?
  /// Blocks so far.
  private var count = 0

  /// What a block is.
  private enum Block: Equatable {
    case thinking, text
    case call(Int)
  }

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
    if !piece.reasoning.isEmpty {
      begin(.thinking, &events) { MessageDocument.writeThinking("", to: &$0) }
      appendDelta("thinking_delta", "thinking", piece.reasoning, &events)
    }
    if !piece.text.isEmpty {
      begin(.text, &events) { MessageDocument.writeBlock("", to: &$0) }
      appendDelta("text_delta", "text", piece.text, &events)
    }
    for call in piece.calls { append(call, &events) }
    return events
  }

  private mutating func append(_ piece: CallPiece, _ events: inout ServerSentEvents) {
    switch piece {
    case .began(let index, let call):
      begin(.call(index), &events) { MessageDocument.write(call, input: "", to: &$0) }
    case .arguments(_, let text):
      appendDelta("input_json_delta", "partial_json", text, &events)
    case .ended: break
    }
  }

  /// Begins a block, unless one of its kind is open.
  private mutating func begin(
    _ block: Block, _ events: inout ServerSentEvents, write: (inout JSONWriter) -> Void
  ) {
    guard open != block else { return }
    end(&events)
    open = block
    append("content_block_start", &events) { json in
      json.member("index", count)
      json.member("content_block", write)
    }
  }

  /// Ends the block that is open.
  private mutating func end(_ events: inout ServerSentEvents) {
    guard let block = open else { return }
    // Clients keep the signature of what was thought and send it back.
    if block == .thinking { appendDelta("signature_delta", "signature", "", &events) }
    append("content_block_stop", &events) { $0.member("index", count) }
    open = nil
    count += 1
  }

  private func appendDelta(
    _ type: String, _ member: String, _ text: String, _ events: inout ServerSentEvents
  ) {
    append("content_block_delta", &events) { json in
      json.member("index", count)
      json.member("delta") { json in
        json.object { json in
          json.member("type", type)
          json.member(member, text)
        }
      }
    }
  }

  mutating func closing() -> ServerSentEvents {
    var events = ServerSentEvents()
    end(&events)
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
