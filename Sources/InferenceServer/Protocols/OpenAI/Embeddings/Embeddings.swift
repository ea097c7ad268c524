import GPTModel
import HTTPTypes
import Hummingbird

/// `POST /v1/embeddings`.
struct Embeddings: Sendable {
  /// Knows the model and the limits.
  let context: RouteContext

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .embeddings)
    let embedding = try EmbeddingRequest(fields, model: context.service.model)
    let service = try context.service.named(embedding.model)
    try service.model.check(.embed)
    let requests = try embedding.requests(
      prompts: embedding.inputs.map { embedding.tokens(of: $0, service) },
      contextLength: service.model.contextLength, client: request.headers.clientKey)
    let events = ChoiceEvents(requests, of: service)
    var document = EmbeddingDocument(embedding, model: service.model)
    while let event = try await events.next() { document.append(event) }
    return Response(document.json())
  }
}
