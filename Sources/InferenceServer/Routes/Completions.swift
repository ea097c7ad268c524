import GPTModel
import HTTPTypes
import Hummingbird

/// `POST /v1/completions`.
struct Completions: Sendable {
  /// Answers the requests.
  let service: any GenerationService
  /// Bytes that a request's body may have.
  let maximumBodyBytes: Int

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await request.jsonFields(maximumBytes: maximumBodyBytes)
    let completion = try Completion(fields, vocabularySize: service.model.vocabularySize)
    try service.model.check(name: completion.model)
    let prompts = completion.prompts.map {
      service.tokens(of: $0, namesControlTokens: completion.namesControlTokens)
    }
    let requests = try completion.requests(
      prompts: prompts, contextLength: service.model.contextLength,
      client: request.headers.clientKey)
    let events = ChoiceEvents(requests, of: service)
    let answer = TextAnswer(completion, prompts: prompts, service: service)
    if let options = completion.streaming {
      return try await .stream(TextChunks(answer, options: options), of: events)
    }
    var document = TextDocument(answer)
    while let event = try await events.next() { document.append(event) }
    return Response(document.json())
  }
}
