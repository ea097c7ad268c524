import GPTModel
import HTTPTypes
import Hummingbird

/// `POST /v1/chat/completions`.
struct ChatCompletions: Sendable {
  /// Takes the requests to the engine.
  let conversations: Conversations

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await conversations.fields(of: request)
    let vocabularySize = conversations.service.model.vocabularySize
    let completion = try ChatCompletion(fields, vocabularySize: vocabularySize)
    let (answer, events) = try conversations.begin(
      completion, for: request, idPrefix: "chatcmpl-")
    if let options = completion.streaming {
      return try await .stream(CompletionChunks(answer, options: options), of: events)
    }
    var document = ChatDocument(answer)
    while let event = try await events.next() { document.append(event) }
    return Response(document.json())
  }
}
