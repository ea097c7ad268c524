import GPTModel
import HTTPTypes
import Hummingbird
import Tokenizers

/// `POST /v1/completions`.
struct Completions: Sendable {
  /// Knows the model and the limits.
  let context: RouteContext

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .completions)
    let completion = try CompletionRequest(
      fields, vocabularySize: context.service.model.vocabularySize)
    let service = try context.service.named(completion.model)
    try service.model.check(.generate)
    var prompts: [[Token]] = []
    for input in completion.prompts {
      prompts.append(try completion.tokens(of: input, by: service))
    }
    let requests = try completion.requests(
      prompts: prompts, constraint: try await context.compile(completion.constraint),
      of: service.model, client: request.headers.clientKey)
    let keepAlive = completion.streaming == nil ? nil : context.keepAlive
    let events = ChoiceEvents(requests, of: service, keepAlive: keepAlive)
    let answer = CompletionAnswer(completion, prompts: prompts, service: service)
    if let options = completion.streaming {
      return try await .stream(
        CompletionChunks(answer, options: options), of: events, headers: completion.sampling.headers
      )
    }
    var document = CompletionDocument(answer)
    while let event = try await events.next() { document.append(event) }
    return Response(document.json(), headers: completion.sampling.headers)
  }
}
