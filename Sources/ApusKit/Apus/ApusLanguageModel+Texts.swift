extension ApusLanguageModel {
  /// Counts the tokens of a text alone, without what the template puts around it.
  public func tokenCount(for prompt: some PromptRepresentable) async throws -> Int {
    engine.model.tokenizer.encode(prompt.promptRepresentation.text).count
  }

  /// Counts the tokens of instructions alone.
  public func tokenCount(for instructions: Instructions) async throws -> Int {
    engine.model.tokenizer.encode(instructions.text).count
  }

  /// Counts the tokens of the definitions of tools, without what the template puts around them.
  public func tokenCount(for tools: [any Tool]) async throws -> Int {
    try tools.reduce(0) { sum, tool in
      var json = JSONWriter()
      json.value(
        GPTModel.Tool(
          name: tool.name, description: tool.description,
          parameters: try tool.parameters.json(isShown: true)
        ).json)
      return sum
        + engine.model.tokenizer.encode(String(decoding: json.bytes, as: UTF8.self)).count
    }
  }

  /// Counts the tokens of a conversation as the model reads it.
  public func tokenCount(for transcript: some Collection<Transcript.Entry>) async throws -> Int {
    let layout = try PromptLayout(
      Transcript(entries: transcript), model: self, addsPrompt: false)
    return engine.model.tokenizer.encode(layout.segments).count
  }

  /// Counts the tokens that a schema adds to a prompt that shows it.
  public func tokenCount(for schema: GenerationSchema) async throws -> Int {
    engine.model.tokenizer.encode(try schema.promptText()).count
  }

  /// Computes the vectors of texts, of length one unless the model has it otherwise, side by side.
  ///
  /// - Returns: A vector for each text, in their order; each has the same bits as if it were the only one.
  public func embeddings(of texts: some Collection<String>) async throws -> [[Float]] {
    let texts = Array(texts)
    var vectors = [[Float]](repeating: [], count: texts.count)
    do {
      try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
        for (index, text) in texts.enumerated() {
          if index >= Self.textsAtATime, let (done, vector) = try await group.next() {
            vectors[done] = vector
          }
          group.addTask { (index, try await self.embedding(of: text)) }
        }
        for try await (done, vector) in group { vectors[done] = vector }
      }
    } catch let error as EngineError {
      throw translated(error)
    }
    return vectors
  }

  /// The vector of a text as the model was made to read texts.
  private func embedding(of text: String) async throws -> [Float] {
    let model = engine.model
    let beginning = model.defaultPrompt.flatMap { model.prompts[$0] } ?? ""
    var wanted = GenerationRequest(
      embedding: model.textTokens(of: beginning + text), pooling: model.pooling)
    wanted.terms = request.terms
    for try await event in try await start(wanted) {
      if case .prompt(let report) = event { return report.embedding }
    }
    throw CancellationError()
  }

  /// Texts that wait in the engine at a time.
  private static let textsAtATime = 64
}
