import GPTModel
import HTTPTypes
import Hummingbird
import Tokenizers

/// Takes requests of all protocols from their bytes to the events of their answers.
struct Conversations: Sendable {
  /// Answers the requests.
  let service: any GenerationService
  /// Bytes that a request's body may have.
  let maximumBodyBytes: Int
  /// How long a stream may be silent before a comment shows that it lives.
  var keepAlive: Duration = .seconds(15)

  /// Refuses a request where the engine has no room, before it costs anything.
  ///
  /// Under overload most requests are refused, beside those that are being answered.
  func checkRoom(for request: Request) throws(APIError) {
    try refusing { () throws(EngineError) in
      try service.checkRoom(for: request.headers.clientKey)
    }
  }

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
    let generations = try refusing { () throws(EngineError) in
      try requests.map(service.generate)
    }
    let answer = ChatAnswer(
      heading: AnswerHeading(model: service.model, idPrefix: idPrefix), prompt: prompt,
      choices: requests.count, reportsLogprobs: completion.alternatives != nil,
      extras: completion.extras, promptAlternatives: completion.promptAlternatives,
      bytes: service.bytes(of:))
    let keepAlive = completion.streaming == nil ? nil : keepAlive
    return (answer, ChoiceEvents(generations, keepAlive: keepAlive))
  }

  /// Says to clients why the engine refuses what `body` asks of it.
  private func refusing<Result>(_ body: () throws(EngineError) -> Result) throws(APIError) -> Result
  {
    do {
      return try body()
    } catch {
      throw APIError(error, expectedWait: service.status.expectedWait)
    }
  }
}
