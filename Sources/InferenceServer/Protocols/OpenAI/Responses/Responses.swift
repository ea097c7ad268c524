import Hummingbird
import JSON

/// `POST /v1/responses`, and `/v1/responses/input_tokens`, which counts without answering.
struct Responses: Sendable {
  /// Takes the requests to the engine.
  let context: RouteContext

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    try await naming {
      let wanted = try read(try await context.fields(of: request, .responses), of: request)
      let keeper = ResponseKeeper(
        wanted, in: context.memory, owner: request.headers.clientKey)
      let (answer, events) = try await context.begin(
        wanted.conversation, for: request, idPrefix: "resp_")
      var document = ResponseDocument(wanted, AnswerBuilder(answer))
      if wanted.conversation.streaming != nil {
        return try await .stream(
          ResponseEvents(document, keeper: keeper), of: events, headers: answer.headers)
      }
      while let event = try await events.next() { _ = document.append(event) }
      keeper?.keep(document)
      var json = JSONWriter()
      document.write(to: &json)
      return Response(json, headers: answer.headers)
    }
  }

  /// Counts the tokens of a request's prompt.
  func count(_ request: Request) async throws -> Response {
    try await naming {
      let fields = try await context.fields(of: request, .responses)
      let prompt = try context.prompt(for: try read(fields, of: request).conversation)
      var json = JSONWriter()
      json.object { json in
        json.member("object", "response.input_tokens")
        json.member("input_tokens", prompt.count)
      }
      return Response(json)
    }
  }

  private func read(_ fields: FieldReader, of request: Request) throws -> ResponseRequest {
    let owner = request.headers.clientKey
    return try ResponseRequest(
      fields, vocabularySize: context.service.model.vocabularySize,
      memory: context.memory.map { ClientMemory(memory: $0, owner: owner) })
  }

  /// Has errors in the conversation name the field that it came in here.
  private func naming(_ body: () async throws -> Response) async throws -> Response {
    do {
      return try await body()
    } catch var error as APIError where error.parameter == "messages" {
      error.parameter = "input"
      throw error
    }
  }
}
