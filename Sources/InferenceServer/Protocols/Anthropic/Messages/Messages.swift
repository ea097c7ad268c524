import Hummingbird
import JSON

/// `POST /v1/messages` as Anthropic's clients know it, and `/v1/messages/count_tokens`.
struct Messages: Sendable {
  /// Takes the requests to the engine.
  let context: RouteContext

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let conversation = try read(
      try await context.fields(of: request, .messages), onlyCounts: false)
    let (answer, events) = try await context.begin(conversation, for: request, idPrefix: "msg_")
    var builder = AnswerBuilder(answer)
    if conversation.streaming != nil {
      return try await .stream(
        MessageEvents(builder), of: events, headers: answer.headers)
    }
    try await builder.append(events)
    var json = JSONWriter()
    MessageDocument(builder: builder).write(to: &json)
    return Response(json, headers: answer.headers)
  }

  /// Counts the tokens of a request's prompt.
  func count(_ request: Request) async throws -> Response {
    let conversation = try read(try await context.fields(of: request, .messages), onlyCounts: true)
    let prompt = try context.prompt(for: conversation)
    var json = JSONWriter()
    json.object { $0.member("input_tokens", prompt.count) }
    return Response(json)
  }

  private func read(_ fields: FieldReader, onlyCounts: Bool) throws -> ConversationRequest {
    try MessageRequest.conversation(
      fields, onlyCounts: onlyCounts, vocabularySize: context.service.model.vocabularySize)
  }
}
