import GPTModel
import HTTPTypes
import Hummingbird

/// Takes requests of all protocols from their bytes to the events of their answers.
struct Conversations: Sendable {
  /// Answers the requests.
  let service: any GenerationService
  /// Bytes that a request's body may have.
  let maximumBodyBytes: Int
  /// How long a stream may be silent before a comment shows that it lives.
  var keepAlive: Duration = .seconds(15)

  /// Reads a request's fields.
  func fields(of request: Request) async throws -> FieldReader {
    try await request.jsonFields(maximumBytes: maximumBodyBytes)
  }

  /// The tokens of a conversation's prompt.
  func prompt(for completion: ChatCompletion) throws -> [Token] {
    try service.model.check(name: completion.model)
    return try service.prompt(for: completion)
  }

  /// Begins to answer; what it returns has no events yet.
  func begin(_ completion: ChatCompletion, for request: Request, idPrefix: String) throws
    -> (answer: ChatAnswer, events: ChoiceEvents)
  {
    let prompt = try prompt(for: completion)
    let requests = try completion.requests(
      prompt: prompt, contextLength: service.model.contextLength,
      client: request.headers.clientKey)
    let generations = try generate(requests)
    let answer = ChatAnswer(
      heading: AnswerHeading(model: service.model, idPrefix: idPrefix), prompt: prompt,
      choices: requests.count, reportsLogprobs: completion.alternatives != nil,
      promptAlternatives: completion.promptAlternatives,
      extras: completion.extras, bytes: service.bytes(of:))
    let keepAlive = completion.streaming == nil ? nil : keepAlive
    return (answer, ChoiceEvents(generations, keepAlive: keepAlive))
  }

  private func generate(_ requests: [GenerationRequest]) throws -> [GenerationEvents] {
    do {
      return try requests.map(service.generate)
    } catch {
      throw APIError(error, expectedWait: service.status.expectedWait)
    }
  }
}
