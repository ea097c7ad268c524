import GPTModel
import HTTPTypes
import Hummingbird

/// `POST /v1/chat/completions`.
struct ChatCompletions: Sendable {
  /// Takes the requests to the engine.
  let context: RouteContext

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .chat)
    let vocabularySize = context.service.model.vocabularySize
    let conversation = try ConversationRequest(chat: fields, vocabularySize: vocabularySize)
    let (answer, events) = try await context.begin(
      conversation, for: request, idPrefix: "chatcmpl-")
    if let options = conversation.streaming {
      return try await .stream(
        ChatChunks(answer, options: options), of: events, headers: answer.headers)
    }
    var builder = AnswerBuilder(answer)
    try await builder.append(events)
    return Response(ChatDocument(builder).json(), headers: answer.headers)
  }
}
