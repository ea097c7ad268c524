import Hummingbird
import JSON

/// `POST /v1/messages` as Anthropic's clients know it, and `/v1/messages/count_tokens`.
struct Messages: Sendable {
  /// Takes the requests to the engine.
  let conversations: Conversations

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let completion = try read(
      try await conversations.fields(of: request), onlyCounts: false)
    let (answer, events) = try conversations.begin(completion, for: request, idPrefix: "msg_")
    var document = MessageDocument(answer)
    if completion.streaming != nil {
      return try await .stream(MessageEvents(document), of: events)
    }
    var progress = ChoiceProgress()
    while let event = try await events.next() {
      document.text += progress.piece(for: event.event, bytes: answer.bytes).text
    }
    document.summary = progress.summary
    var json = JSONWriter()
    document.write(to: &json)
    return Response(json)
  }

  /// Counts the tokens of a request's prompt.
  func count(_ request: Request) async throws -> Response {
    let completion = try read(try await conversations.fields(of: request), onlyCounts: true)
    let prompt = try conversations.prompt(for: completion)
    var json = JSONWriter()
    json.object { $0.member("input_tokens", prompt.count) }
    return Response(json)
  }

  private func read(_ fields: FieldReader, onlyCounts: Bool) throws -> ChatCompletion {
    try MessageRequest.completion(
      fields, onlyCounts: onlyCounts, vocabularySize: conversations.service.model.vocabularySize)
  }
}
