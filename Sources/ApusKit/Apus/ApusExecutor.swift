extension ApusLanguageModel {
  /// Has an engine compute the requests of sessions.
  public struct Executor: LanguageModelExecutor {
    public typealias Model = ApusLanguageModel

    /// Names the engine, and nothing else: what changes from request to request is in the model.
    public struct Configuration: Hashable, Sendable {
      let engine: ObjectIdentifier
    }

    public init(configuration: Configuration) {}

    /// Reads a transcript into the cache.
    public func prewarm(model: ApusLanguageModel, transcript: Transcript) {
      Task {
        // Nobody waits for it: what it cannot do, the request will say.
        guard let layout = try? PromptLayout(transcript, model: model, addsPrompt: false) else {
          return
        }
        var request = GenerationRequest(
          prompt: model.engine.model.tokenizer.encode(layout.segments),
          stop: StopCondition(maximumTokens: 0))
        request.terms = model.request.terms
        guard let stream = try? await model.start(request) else { return }
        do { for try await _ in stream {} } catch { return }
      }
    }

    nonisolated(nonsending) public func respond(
      to request: LanguageModelExecutorGenerationRequest, model: ApusLanguageModel,
      streamingInto channel: LanguageModelExecutorGenerationChannel
    ) async throws {
      var answer = try await PreparedAnswer(request, model: model)
      try await answer.stream(into: channel)
    }
  }
}

/// A request as the engine takes it, and how its answer is read.
private struct PreparedAnswer {
  private let model: ApusLanguageModel
  private var request: GenerationRequest
  private var reader: AnswerReader?
  private var calls: [Int: (id: String, name: String)] = [:]
  private var reasoningTokens = 0
  /// Tokens after which the answer is brought to its end; nil for nowhere.
  private var closingStart: Int?
  private var alternatives: [[String: Float]] = []

  init(_ wanted: LanguageModelExecutorGenerationRequest, model: ApusLanguageModel) async throws {
    self.model = model
    let loaded = model.engine.model
    let layout = try PromptLayout(
      wanted.transcript, tools: wanted.enabledToolDefinitions, model: model)
    let options = wanted.generationOptions
    request = GenerationRequest(
      prompt: loaded.tokenizer.encode(layout.segments),
      sampling: model.request.sampling(loaded.usualSampling, options),
      stop: StopCondition(maximumTokens: options.maximumResponseTokens.map { max(1, $0) }),
      alternatives: model.request.alternatives)
    request.stop.strings = model.request.stop.filter { !$0.isEmpty }
    request.processors = model.request.processors
    request.terms = model.request.terms
    let thinking = loaded.style.thinking(after: layout.segments)
    if !layout.tools.isEmpty || thinking != .absent {
      reader = loaded.answerReader(tools: layout.tools, after: layout.segments)
    }
    let form = AnswerForm(
      tools: layout.tools.isEmpty
        ? nil
        : ToolUse(
          layout.tools, choice: options.toolCallingMode == .required ? .required : .auto),
      thinking: thinking, text: try wanted.schema.map { .jsonSchema(try $0.json()) })
    request.constraint = try await model.constraint(form, wanted)
    if form.tools == nil, form.thinking == .absent, let constraint = request.constraint,
      let schema = try wanted.schema?.json(), let limit = request.stop.maximumTokens,
      let closing = ClosingConstraint(
        constraint, schema: schema, limit: limit, tokenizer: loaded.tokenizer)
    {
      request.constraint = closing
      closingStart = closing.start
    }
  }

  /// Has the answer computed, and says what it says.
  mutating func stream(into channel: LanguageModelExecutorGenerationChannel) async throws {
    do {
      for try await event in try await model.start(request) {
        if case .token(let token) = event { note(token) }
        for part in reader?.take(event) ?? event.textParts { try await say(part, channel) }
        guard case .finished(let summary) = event else { continue }
        return await finish(summary, channel)
      }
    } catch let error as EngineError {
      throw model.translated(error)
    }
    // Only who has left gets no end.
    throw CancellationError()
  }

  private mutating func note(_ token: GeneratedToken) {
    guard request.alternatives != nil, let logprobs = token.logprobs else { return }
    var likeliest: [String: Float] = [:]
    let tokenizer = model.engine.model.tokenizer
    for entry in logprobs.alternatives {
      let text =
        tokenizer.specialText(of: entry.token)
        ?? String(decoding: tokenizer.bytes(of: entry.token), as: UTF8.self)
      likeliest[text] = max(likeliest[text] ?? -.infinity, entry.logprob)
    }
    alternatives.append(likeliest)
  }

  private mutating func say(
    _ part: AnswerPart, _ channel: LanguageModelExecutorGenerationChannel
  ) async throws {
    switch part {
    case .reasoning(let text):
      reasoningTokens += 1
      await channel.send(.reasoning(action: .appendText(text, tokenCount: 1)))
    case .text(let text):
      await channel.send(.response(action: .appendText(text, tokenCount: 1)))
    case .callBegan(let index, _, let name):
      calls[index] = (Transcript.newID(), name)
      await append("", to: index, channel)
    case .arguments(let index, let text): await append(text, to: index, channel)
    case .callEnded(_, isComplete: true): break
    case .callEnded(let index, isComplete: false):
      throw ApusError(
        .cutShort, calls[index]?.name ?? "",
        "a call of a tool was cut after \(request.stop.maximumTokens ?? 0) tokens at most")
    }
  }

  private func append(
    _ arguments: String, to index: Int, _ channel: LanguageModelExecutorGenerationChannel
  ) async {
    guard let call = calls[index] else { return }
    await channel.send(
      .toolCalls(
        action: .toolCall(
          id: call.id, name: call.name, action: .appendArguments(arguments, tokenCount: 1))))
  }

  private func finish(
    _ summary: GenerationSummary, _ channel: LanguageModelExecutorGenerationChannel
  ) async {
    let finish: GenerationReport.Finish =
      switch summary.reason {
      case .length: .length
      case .stopString: .stopString
      case .stop: calls.isEmpty ? .stop : .toolCalls
      }
    let times = summary.times
    var report = GenerationReport(
      finish: finish, seed: summary.seed ?? 0, fingerprint: model.fingerprint,
      queued: .seconds(times.queued), firstToken: .seconds(times.prefill))
    if times.decode > 0 {
      report.tokensPerSecond = Double(summary.usage.completionTokens - 1) / times.decode
    }
    report.alternatives = alternatives
    report.wasClosed = closingStart.map { summary.usage.completionTokens > $0 } ?? false
    await channel.send(
      .response(action: .updateMetadata([GenerationReport.key: report])))
    await channel.send(
      .response(
        action: .updateUsage(
          input: .init(
            totalTokenCount: summary.usage.promptTokens,
            cachedTokenCount: summary.usage.cachedTokens),
          output: .init(
            totalTokenCount: summary.usage.completionTokens,
            reasoningTokenCount: min(reasoningTokens, summary.usage.completionTokens)))))
  }
}

extension ApusLanguageModel {
  /// What enforces the form of an answer; nil for any.
  ///
  /// - Throws: `LanguageModelError.unsupportedGenerationGuide` for what cannot be enforced exactly.
  fileprivate func constraint(
    _ form: AnswerForm, _ wanted: LanguageModelExecutorGenerationRequest
  ) async throws -> (any TokenConstraint)? {
    do {
      if form.tools == nil, form.text == nil { return nil }
      if form.tools == nil, form.thinking == .absent, let text = form.text {
        return try await engine.model.constraint(text)
      }
      return try await engine.model.constraint(.answer(form))
    } catch {
      let tool = error.tool.map { wanted.enabledToolDefinitions[$0].name }
      throw LanguageModelError.unsupportedGenerationGuide(
        .init(schemaName: tool ?? wanted.schema?.name, debugDescription: error.description))
    }
  }
}

extension GenerationEvent {
  /// The text that an event brings.
  fileprivate var textParts: [AnswerPart] {
    switch self {
    case .progress, .prompt: []
    case .token(let token): token.text.isEmpty ? [] : [.text(token.text)]
    case .finished(let summary): summary.text.isEmpty ? [] : [.text(summary.text)]
    }
  }
}
