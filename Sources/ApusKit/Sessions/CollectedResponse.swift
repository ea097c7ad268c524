/// What a model has said to one request so far.
struct CollectedResponse: Sendable {
  /// A call that is being written.
  struct Call: Sendable {
    let id: String
    let name: String
    var arguments: String
  }

  /// The answer's text.
  private(set) var text = ""
  /// The calls of tools.
  private(set) var calls: [Call] = []
  /// What was processed.
  private(set) var usage = LanguageModelSession.Usage()

  /// Takes an event.
  ///
  /// - Returns: What it adds to the text.
  mutating func take(_ event: LanguageModelExecutorGenerationChannel.Event) -> String {
    switch event.kind {
    case .reasoning(let action):
      usage.output.reasoningTokenCount += take(action.kind)?.tokens ?? 0
    case .response(let action):
      guard let (piece, _) = take(action.kind) else { break }
      text += piece
      return piece
    case .toolCalls(let action):
      switch action.kind {
      case .call(let id, let name, let action):
        usage.output.totalTokenCount += action.tokens
        append(action.arguments, to: id, name)
      case .removal(let id): calls.removeAll { $0.id == id }
      case .other(let kind): _ = take(kind)
      }
    }
    return ""
  }

  /// Takes what all kinds of events have in common.
  ///
  /// - Returns: What is added to a text, and its tokens.
  private mutating func take(
    _ kind: LanguageModelExecutorGenerationChannel.ActionKind
  ) -> (piece: String, tokens: Int)? {
    switch kind {
    case .append(let piece, let tokens):
      usage.output.totalTokenCount += tokens
      return (piece, tokens)
    case .usage(let known):
      (usage.input, usage.output) = (known.input, known.output)
      usage.metadata.merge(known.metadata) { $1 }
    case .metadata(let known): usage.metadata.merge(known) { $1 }
    }
    return nil
  }

  private mutating func append(_ arguments: String, to id: String, _ name: String) {
    if let index = calls.firstIndex(where: { $0.id == id }) {
      calls[index].arguments += arguments
    } else {
      calls.append(Call(id: id, name: name, arguments: arguments))
    }
  }

  /// Whether there is more than white space beside the calls.
  var hasText: Bool { !text.allSatisfy(\.isWhitespace) }

  /// The text as an entry.
  var textResponse: Transcript.Response {
    Transcript.Response(segments: [.text(.init(content: text))])
  }

  /// The calls as an entry.
  ///
  /// - Throws: `ApusError.invalidAnswer` where arguments are not JSON.
  func toolCalls() throws -> Transcript.ToolCalls {
    Transcript.ToolCalls(
      try calls.map { call in
        let arguments = try Self.parse(call.arguments.isEmpty ? "{}" : call.arguments, call.name)
        return Transcript.ToolCall(id: call.id, toolName: call.name, arguments: arguments)
      })
  }

  /// The answer.
  ///
  /// - Throws: `ApusError.cutShort` where it must have a form and was cut, `.invalidAnswer` where it is not JSON.
  func content(of schema: GenerationSchema?) throws -> GeneratedContent {
    guard let schema else { return GeneratedContent(.string(text)) }
    let report = usage.metadata[GenerationReport.key] as? GenerationReport
    if report?.finish == .length {
      throw ApusError(
        .cutShort, schema.name,
        "the answer was cut after \(usage.output.totalTokenCount) tokens; raise its limit")
    }
    return try Self.parse(text, schema.name)
  }

  /// The answer as an entry.
  func response(_ content: GeneratedContent, _ schema: GenerationSchema?) -> Transcript.Response {
    guard let schema else { return textResponse }
    return Transcript.Response(
      segments: [.structure(.init(source: schema.name, content: content))])
  }

  private static func parse(_ text: String, _ subject: String) throws -> GeneratedContent {
    do {
      var reader = PartialJSON()
      try reader.append(text)
      return try reader.finished()
    } catch {
      throw ApusError(.invalidAnswer, subject, "\(text.prefix(200)) is not JSON: \(error)")
    }
  }
}
