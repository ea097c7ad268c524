import GPTModel
import HTTPTypes
import Hummingbird

/// `POST /v1/chat/completions`.
struct ChatCompletions: Sendable {
  /// Answers the requests.
  let service: any GenerationService
  /// Bytes that a request's body may have.
  let maximumBodyBytes: Int

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await request.jsonFields(maximumBytes: maximumBodyBytes)
    let completion = try ChatCompletion(fields, vocabularySize: service.model.vocabularySize)
    try service.model.check(name: completion.model)
    let prompt = service.encode(try render(completion))
    let requests = try completion.requests(
      prompt: prompt, contextLength: service.model.contextLength,
      client: request.headers.clientKey)
    let events = ChoiceEvents(try generate(requests))
    let answer = ChatAnswer(
      heading: AnswerHeading(model: service.model, idPrefix: "chatcmpl-"),
      promptTokens: prompt.count, choices: requests.count,
      reportsLogprobs: completion.alternatives != nil, bytes: service.bytes(of:))
    guard let options = completion.streaming else { return try await document(answer, events) }
    return try await stream(CompletionChunks(answer, options: options), events)
  }

  private func generate(_ requests: [GenerationRequest]) throws -> [GenerationEvents] {
    do {
      return try requests.map(service.generate)
    } catch {
      throw APIError(error, expectedWait: service.status.expectedWait)
    }
  }

  private func render(_ completion: ChatCompletion) throws -> [PromptSegment] {
    try service.render(
      completion.messages, addGenerationPrompt: completion.addsGenerationPrompt,
      variables: completion.templateVariables)
  }

  private func document(_ answer: ChatAnswer, _ events: ChoiceEvents) async throws -> Response {
    var document = ChatDocument(answer)
    while let event = try await events.next() { document.append(event) }
    return Response(document.json())
  }

  /// Waits for the first event, so that a refusal still has a status of its own.
  private func stream(_ chunks: CompletionChunks, _ events: ChoiceEvents) async throws -> Response {
    let first = try await events.next()
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache",
        .accelBuffering: "no",
      ],
      body: ResponseBody { writer in
        var chunks = chunks
        do {
          var event = first
          while let current = event {
            try await writer.write(chunks.chunks(for: current))
            event = try await events.next()
          }
          try await writer.write(chunks.closing())
        } catch let error where !(error is ClientConnection.Gone) {
          try await writer.write(ServerSentEvents(APIError(error)))
          ClientConnection.current?.markFailed()
        }
        try await writer.finish(nil)
      })
  }
}
