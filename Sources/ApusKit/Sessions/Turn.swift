/// What a session is asked.
struct TurnRequest: Sendable {
  /// What was said.
  var prompt: String
  /// The form of the answer; nil for text.
  var schema: GenerationSchema?
  /// How to answer.
  var options = GenerationOptions()
  /// What the model is shown.
  var context = ContextOptions()
  /// Anything that the model understands.
  var metadata: [String: any Sendable & Codable & Equatable] = [:]

  /// The entry of the transcript.
  var entry: Transcript.Entry {
    var entry = Transcript.Prompt(
      segments: [.text(.init(content: prompt))], options: options,
      responseFormat: schema.map { Transcript.ResponseFormat(schema: $0) })
    entry.contextOptions = context
    return .prompt(entry)
  }
}

extension TurnRequest {
  /// Asks for an answer of a form, which the model is shown or not.
  init(
    prompt: String, schema: GenerationSchema, options: GenerationOptions, includesSchema: Bool
  ) {
    self.init(
      prompt: prompt, schema: schema, options: options,
      context: ContextOptions(includeSchemaInPrompt: includesSchema))
  }
}

/// What a turn brought.
struct TurnResult: Sendable {
  /// The answer.
  var content: GeneratedContent
  /// What is added to the transcript.
  var entries: [Transcript.Entry]
  /// What it took.
  var usage: LanguageModelSession.Usage
}

extension LanguageModelSession {
  /// Answers a prompt, calling tools as the model asks for them.
  ///
  /// - Parameter turn: The turn, which was begun after `transcript`; it is ended, however this ends.
  func answer(
    _ request: TurnRequest, turn: (turn: Int, transcript: Transcript), progress: TurnProgress
  ) async throws -> TurnResult {
    defer { end(turn.turn) }
    try checkCapabilities(for: request)
    var result = TurnResult(
      content: GeneratedContent(.null), entries: [request.entry], usage: Usage())
    do {
      try await goOn(request, turn: turn, progress, &result)
    } catch {
      keep(result.entries, of: turn.turn)
      throw error
    }
    return result
  }

  /// Asks the model until it answers, and adds what that brings.
  private func goOn(
    _ request: TurnRequest, turn: (turn: Int, transcript: Transcript), _ progress: TurnProgress,
    _ result: inout TurnResult
  ) async throws {
    let rounds = maximumToolRounds
    for round in 0... {
      try Task.checkCancellation()
      let collected = try await ask(
        request, after: turn.transcript + result.entries, round, progress)
      result.usage.add(collected.usage)
      guard !collected.calls.isEmpty else {
        result.content = try collected.content(of: request.schema)
        let response = collected.response(result.content, request.schema)
        try Task.checkCancellation()
        var whole = result
        whole.entries.append(.response(response))
        try commit(turn.turn, whole)
        result = whole
        return
      }
      guard round < rounds else {
        throw ApusError(
          .tooManyToolRounds, "\(rounds)", "the model went on calling tools after so many rounds")
      }
      let calls = try collected.toolCalls()
      let outputs = try await outputs(of: calls)
      if collected.hasText { result.entries.append(.response(collected.textResponse)) }
      result.entries.append(.toolCalls(calls))
      result.entries += outputs.map { .toolOutput($0) }
      progress.beginRound()
    }
  }

  /// Asks the model once.
  private func ask(
    _ request: TurnRequest, after entries: Transcript, _ round: Int, _ progress: TurnProgress
  ) async throws -> CollectedResponse {
    var options = request.options
    // To be required at every round would never end.
    if options.toolCallingMode == .required, round > 0 { options.toolCallingMode = .allowed }
    let enabled = options.toolCallingMode == .disallowed ? [] : tools
    let wanted = LanguageModelExecutorGenerationRequest(
      transcript: entries, enabledTools: enabled.map { .init(tool: $0) },
      schema: request.schema, generationOptions: options, contextOptions: request.context,
      metadata: request.metadata)
    let channel = LanguageModelExecutorGenerationChannel { progress.take($0) }
    try await executor().respond(wanted, channel)
    try Task.checkCancellation()
    return progress.collected
  }

  private func checkCapabilities(for request: TurnRequest) throws {
    let needed: [(LanguageModelCapabilities.Capability, Bool)] = [
      (.guidedGeneration, request.schema != nil), (.toolCalling, !tools.isEmpty),
      (.reasoning, request.context.reasoningLevel != nil),
    ]
    for (capability, isNeeded) in needed where isNeeded && !model.capabilities.contains(capability)
    {
      throw LanguageModelError.unsupportedCapability(
        .init(
          capability: capability, debugDescription: "the model is not capable of \(capability)"))
    }
  }

  /// Calls tools, all of them at once.
  ///
  /// - Returns: Their outputs, in the order of the calls.
  private func outputs(of calls: Transcript.ToolCalls) async throws -> [Transcript.ToolOutput] {
    let called = try calls.map { call in
      guard let tool = tools.first(where: { $0.name == call.toolName }) else {
        throw ApusError(
          .unknownTool, call.toolName, "the model called a tool that the session does not have")
      }
      return (tool, call)
    }
    do {
      return try await withThrowingTaskGroup(of: (Int, Transcript.ToolOutput).self) { group in
        for (index, (tool, call)) in called.enumerated() {
          group.addTask { (index, try await tool.output(of: call)) }
        }
        var outputs: [Int: Transcript.ToolOutput] = [:]
        for try await (index, output) in group { outputs[index] = output }
        return calls.indices.compactMap { outputs[$0] }
      }
    } catch {
      // What a tool throws because it was cancelled with the turn is not its failure.
      try Task.checkCancellation()
      throw error
    }
  }
}
