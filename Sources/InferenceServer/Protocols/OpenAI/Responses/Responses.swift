import Hummingbird
import JSON

/// `POST /v1/responses`, and `/v1/responses/input_tokens`, which counts without answering.
struct Responses: Sendable {
  /// Takes the requests to the engine.
  let conversations: Conversations

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    try await naming {
      let wanted = try read(try await conversations.fields(of: request))
      let (answer, events) = try conversations.begin(
        wanted.completion, for: request, idPrefix: "resp_")
      var document = ResponseDocument(wanted, answer)
      if wanted.completion.streaming != nil {
        return try await .stream(ResponseEvents(document), of: events)
      }
      var progress = ChoiceProgress()
      while let event = try await events.next() {
        let piece = progress.piece(for: event.event, bytes: answer.bytes)
        document.text += piece.text
        document.logprobs += piece.logprobs
      }
      document.summary = progress.summary
      var json = JSONWriter()
      document.write(to: &json)
      return Response(json)
    }
  }

  /// Counts the tokens of a request's prompt.
  func count(_ request: Request) async throws -> Response {
    try await naming {
      let fields = try await conversations.fields(of: request)
      let prompt = try conversations.prompt(for: try read(fields).completion)
      var json = JSONWriter()
      json.object { json in
        json.member("object", "response.input_tokens")
        json.member("input_tokens", prompt.count)
      }
      return Response(json)
    }
  }

  private func read(_ fields: FieldReader) throws -> ResponseRequest {
    try ResponseRequest(fields, vocabularySize: conversations.service.model.vocabularySize)
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
