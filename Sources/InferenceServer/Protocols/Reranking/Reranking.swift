import GPTModel
import HTTPTypes
import Hummingbird

/// `POST /v1/rerank`, `/v2/rerank` and `/v1/score`.
struct Reranking: Sendable {
  /// Knows the model and the limits.
  let context: RouteContext

  /// Orders documents by how well they answer a query.
  func rerank(_ request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .rerank)
    let rerank = try RerankRequest(fields)
    let service = try context.service.named(rerank.score.model)
    let scores = try await scores(rerank.score, request, of: service)
    let heading = AnswerHeading(model: service.model, idPrefix: "rerank-")
    return Response(RerankDocument(request: rerank, scores: scores, heading: heading).json())
  }

  /// Scores pairs of texts.
  func score(_ request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .score)
    let score = try ScoreRequest(score: fields)
    let service = try context.service.named(score.model)
    let scores = try await scores(score, request, of: service)
    let heading = AnswerHeading(model: service.model, idPrefix: "score-")
    return Response(ScoreDocument(scores: scores, heading: heading).json())
  }

  private func scores(
    _ score: ScoreRequest, _ request: Request, of service: any GenerationService
  ) async throws -> Scores {
    try service.model.check(.score)
    let requests = try score.requests(of: service, client: request.headers.clientKey)
    return try await Scores(requests, of: service)
  }
}
