import GPTModel
import JSON
import Platform

/// Writes OpenAI's response object, complete or while it grows, and the items in it.
struct ResponseDocument: Sendable {
  /// How far a response or a message has come.
  enum Status: String {
    case running = "in_progress"
    case completed
    case incomplete
    case failed
  }

  /// What the request said.
  let request: ResponseRequest
  /// What is written.
  var builder: AnswerBuilder
  /// The items of the output, in their order.
  private(set) var items: [ResponseItem] = []
  /// Why there is no more of it, where that is so.
  var error: APIError?

  /// Writes what a builder holds.
  init(_ request: ResponseRequest, _ builder: AnswerBuilder) {
    self.request = request
    self.builder = builder
  }

  /// Reports on the tokens of the text so far.
  var logprobs: [TokenLogprobs] { builder.only.logprobs }
  private var answer: ConversationAnswer { builder.answer }
  private var summary: GenerationSummary? { builder.only.summary }

  /// How far the response has come.
  var status: Status {
    if error != nil { return .failed }
    guard let summary else { return .running }
    return summary.reason == .length ? .incomplete : .completed
  }

  /// Writes the response, with the items that there are.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("id", answer.heading.id)
      json.member("object", "response")
      json.member("created_at", answer.heading.created)
      json.member("status", status.rawValue)
      writeEnding(to: &json)
      writeRequest(to: &json)
      json.member("output") { json in
        json.array { json in
          for item in items { write(item, to: &json) }
        }
      }
      guard let summary else { return }
      json.member("usage") { writeUsage(summary.usage, to: &$0) }
    }
  }

  /// Writes reports on tokens, which are none unless asked for.
  func write(_ reports: [TokenLogprobs], to json: inout JSONWriter) {
    let writer = LogprobsWriter(bytes: answer.bytes)
    json.array { json in
      if answer.reportsLogprobs { writer.writeElements(reports, to: &json) }
    }
  }

  private func writeEnding(to json: inout JSONWriter) {
    if status == .completed { json.member("completed_at", UnixTime.now) }
    json.member("error") { json in
      guard let error else { return json.null() }
      json.object { json in
        json.member("code", "server_error")
        json.member("message", error.message)
      }
    }
    json.member("incomplete_details") { json in
      guard status == .incomplete else { return json.null() }
      json.object { $0.member("reason", "max_output_tokens") }
    }
  }

  /// Writes what the response repeats of its request, and what it tells of fields that are not there.
  private func writeRequest(to json: inout JSONWriter) {
    let conversation = request.conversation
    json.member("model", answer.heading.model)
    json.member("instructions", request.instructions)
    json.member("metadata") { $0.value(JSONValue.object(request.metadata)) }
    json.member("temperature") { $0.value(conversation.sampling.temperature) }
    json.member("top_p") { $0.value(conversation.sampling.topP) }
    json.member("top_logprobs", conversation.alternatives ?? 0)
    json.member("max_output_tokens") { json in
      if let limit = conversation.stop.maximumTokens { json.value(limit) } else { json.null() }
    }
    json.member("text") { json in
      json.object { json in
        json.member("format") { $0.value(JSONValue.object(request.format)) }
      }
    }
    for member in request.toolFields.members { json.member(member.name) { $0.value(member.value) } }
    json.member("truncation", "disabled")
    json.member("background") { $0.value(false) }
    json.member("store") { $0.value(request.isKept) }
    json.member("previous_response_id", request.previous?.id)
    if let continued = request.continued {
      json.member("conversation") { json in json.object { $0.member("id", continued.id) } }
    }
    json.member("service_tier", "default")
  }

  private func writeUsage(_ usage: Usage, to json: inout JSONWriter) {
    json.object { json in
      json.member("input_tokens", usage.promptTokens)
      json.member("input_tokens_details") { json in
        json.object { json in
          json.member("cached_tokens", usage.cachedTokens)
          json.member("cache_write_tokens", 0)
        }
      }
      json.member("output_tokens", usage.completionTokens)
      json.member("output_tokens_details") { json in
        json.object { $0.member("reasoning_tokens", builder.only.progress.reasoningTokens) }
      }
      json.member("total_tokens", usage.promptTokens + usage.completionTokens)
    }
  }
}

// MARK: - Items

extension ResponseDocument {
  /// A change of an item.
  enum Change {
    /// The item of an index begins.
    case begins(Int)
    /// An item's text, or a call's arguments, go on.
    case goesOn(Int, String)
    /// Nothing comes to an item any more.
    case ends(Int)
  }

  /// Adds what an event brings, and tells what becomes of the items.
  mutating func append(_ event: ChoiceEvent) -> (piece: AnswerPiece, changes: [Change]) {
    let piece = builder.append(event)
    var changes: [Change] = []
    if !piece.reasoning.isEmpty { append(piece.reasoning, to: .reasoning, &changes) }
    if !piece.text.isEmpty || !piece.logprobs.isEmpty { append(piece.text, to: .message, &changes) }
    for call in piece.calls { append(call, &changes) }
    if piece.summary != nil {
      // An answer without a word is an empty message.
      if items.isEmpty { begin(.message, &changes) }
      endLast(&changes)
    }
    return (piece, changes)
  }

  private mutating func append(
    _ text: String, to kind: ResponseItem.Kind, _ changes: inout [Change]
  ) {
    if items.last?.kind != kind { begin(kind, &changes) }
    items[items.count - 1].text += text
    changes.append(.goesOn(items.count - 1, text))
  }

  private mutating func append(_ piece: CallPiece, _ changes: inout [Change]) {
    switch piece {
    case .began(_, let call): begin(.call(call), &changes)
    case .arguments(_, let text):
      guard let last = items.indices.last, case .call(var call) = items[last].kind else { return }
      call.arguments += text
      items[last].kind = .call(call)
      changes.append(.goesOn(last, text))
    case .ended(_, let isComplete): if isComplete { endLast(&changes) }
    }
  }

  private mutating func begin(_ kind: ResponseItem.Kind, _ changes: inout [Change]) {
    endLast(&changes)
    items.append(ResponseItem(kind))
    changes.append(.begins(items.count - 1))
  }

  private mutating func endLast(_ changes: inout [Change]) {
    guard let last = items.indices.last, !items[last].isDone else { return }
    items[last].isDone = status != .incomplete
    changes.append(.ends(last))
  }
}
