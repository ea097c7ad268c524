import GPTModel
import Hummingbird
import JSON
import Tokenizers

/// `POST /infill`: what stands in a gap between two texts, in the words of llama.cpp's server, which
/// editors ask.
struct Infill: Sendable {
  /// Knows the model and the limits.
  let context: RouteContext

  /// Answers one request, from its bytes to the answer's.
  func respond(to request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .infill)
    var completion = try CompletionRequest(
      fields, vocabularySize: context.service.model.vocabularySize)
    guard completion.samples == 1 else {
      throw fields.invalid("n", "must be 1, as a gap has one text")
    }
    let service = try context.service.named(completion.model)
    try service.model.check(.generate)
    guard let marks = service.model.fillInMarks else {
      throw APIError.noFillInMarks("input_suffix")
    }
    let prompt = service.encode(try segments(fields, marks))
    completion.fillsGap = true
    let requests = try completion.requests(
      prompts: [prompt], constraint: try await context.compile(completion.constraint),
      of: service.model, client: request.headers.clientKey)
    let keepAlive = completion.streaming == nil ? nil : context.keepAlive
    let events = ChoiceEvents(requests, of: service, keepAlive: keepAlive)
    var answer = InfillAnswer(model: service.model.name)
    let headers = completion.sampling.headers
    if completion.streaming != nil {
      return try await .stream(answer, of: events, headers: headers)
    }
    while let event = try await events.next() { answer.append(event) }
    return Response(answer.document(), headers: headers)
  }

  /// The prompt: other files, the texts around the gap, and how the gap begins.
  private func segments(
    _ fields: FieldReader, _ marks: FillInMarks
  ) throws(APIError) -> [PromptSegment] {
    var segments: [PromptSegment] = []
    for (index, value) in (try fields.array("input_extra") ?? []).enumerated() {
      let file = try fields.reader("input_extra", element: index, value)
      guard let text = try file.string("text") else { throw file.missing("text") }
      segments += marks.file(named: try file.string("filename") ?? "", text: text)
    }
    segments += marks.prompt(
      before: try fields.string("input_prefix") ?? "",
      behind: try fields.string("input_suffix") ?? "", from: .content)
    segments.append(PromptSegment(try fields.string("prompt") ?? "", from: .content))
    return segments
  }
}

/// The text of a gap as it grows, as a document or as a stream.
struct InfillAnswer: AnswerStream {
  private let model: String
  private var text = ""
  private var summary: GenerationSummary?

  /// Begins an answer.
  init(model: String) {
    self.model = model
  }

  /// Adds what an event brings.
  mutating func append(_ event: ChoiceEvent) { text += take(event) }

  /// Writes the whole answer.
  func document() -> JSONWriter { json(text) }

  mutating func events(for event: ChoiceEvent) -> ServerSentEvents {
    let piece = take(event)
    var events = ServerSentEvents()
    if !piece.isEmpty || summary != nil { events.append(json(piece)) }
    return events
  }

  mutating func closing() -> ServerSentEvents { ServerSentEvents() }

  private mutating func take(_ event: ChoiceEvent) -> String {
    switch event.event {
    case .progress, .prompt: return ""
    case .token(let token): return token.text
    case .finished(let summary):
      self.summary = summary
      return summary.text
    }
  }

  private func json(_ content: String) -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      json.member("index", 0)
      json.member("content", content)
      json.member("model", model)
      json.member("stop") { $0.value(summary != nil) }
      guard let summary else { return }
      json.member("stop_type", summary.reason.stopType)
      json.member("stopping_word", summary.reason.stopString)
      json.member("tokens_predicted", summary.usage.completionTokens)
      json.member("tokens_evaluated", summary.usage.promptTokens)
      json.member("tokens_cached", summary.usage.cachedTokens)
      json.member("truncated") { $0.value(false) }
      json.member("timings") { json in
        var progress = ChoiceProgress()
        _ = progress.piece(for: .finished(summary)) { _ in [] }
        Timings([progress], promptTokens: summary.usage.promptTokens)?.write(to: &json)
      }
    }
    return json
  }
}

extension GenerationSummary.Reason {
  /// The reason in llama.cpp's words.
  fileprivate var stopType: String {
    switch self {
    case .stop: "eos"
    case .stopString: "word"
    case .length: "limit"
    }
  }

  /// The stop string that ended the answer; empty where none did.
  fileprivate var stopString: String {
    if case .stopString(let string) = self { string } else { "" }
  }
}
