extension LanguageModelSession {
  /// Answers a prompt, away from the caller's actor.
  func respond<Content: Generable>(
    _ request: TurnRequest
  ) async throws -> sending Response<Content> {
    let turn = try begin()
    return try Response(
      await answer(request, turn: turn, progress: TurnProgress(isFormed: false)))
  }
}

extension LanguageModelSession {
  /// Answers a prompt with text.
  @discardableResult nonisolated(nonsending) public func respond(
    to prompt: Prompt, options: GenerationOptions = GenerationOptions()
  ) async throws -> Response<String> {
    try await respond(TurnRequest(prompt: prompt.text, options: options))
  }

  /// Answers a text with text.
  @discardableResult @_disfavoredOverload nonisolated(nonsending) public func respond(
    to prompt: String, options: GenerationOptions = GenerationOptions()
  ) async throws -> Response<String> {
    try await respond(TurnRequest(prompt: prompt, options: options))
  }

  /// Answers a prompt that is put together here with text.
  @discardableResult nonisolated(nonsending) public func respond(
    options: GenerationOptions = GenerationOptions(), @PromptBuilder prompt: () throws -> Prompt
  ) async throws -> Response<String> {
    try await respond(TurnRequest(prompt: try prompt().text, options: options))
  }

  /// Answers a prompt, and says what the model is shown with text.
  @discardableResult nonisolated(nonsending) public func respond(
    to prompt: Prompt, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions, metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) async throws -> Response<String> {
    try await respond(
      TurnRequest(
        prompt: prompt.text, options: options, context: contextOptions, metadata: metadata))
  }

  /// Answers a prompt in the form of a schema.
  @discardableResult nonisolated(nonsending) public func respond(
    to prompt: Prompt, schema: GenerationSchema, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions()
  ) async throws -> Response<GeneratedContent> {
    try await respond(
      TurnRequest(
        prompt: prompt.text, schema: schema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Answers a text in the form of a schema.
  @discardableResult @_disfavoredOverload nonisolated(nonsending) public func respond(
    to prompt: String, schema: GenerationSchema, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions()
  ) async throws -> Response<GeneratedContent> {
    try await respond(
      TurnRequest(
        prompt: prompt, schema: schema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Answers a prompt that is put together here in the form of a schema.
  @discardableResult nonisolated(nonsending) public func respond(
    schema: GenerationSchema, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions(), @PromptBuilder prompt: () throws -> Prompt
  ) async throws -> Response<GeneratedContent> {
    try await respond(
      TurnRequest(
        prompt: try prompt().text, schema: schema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Answers a prompt, and says what the model is shown in the form of a schema.
  @discardableResult nonisolated(nonsending) public func respond(
    to prompt: Prompt, schema: GenerationSchema, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions, metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) async throws -> Response<GeneratedContent> {
    try await respond(
      TurnRequest(
        prompt: prompt.text, schema: schema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Answers a prompt with a value of a type.
  @discardableResult nonisolated(nonsending) public func respond<Content: Generable>(
    to prompt: Prompt, generating type: Content.Type = Content.self,
    includeSchemaInPrompt: Bool = true, options: GenerationOptions = GenerationOptions()
  ) async throws -> Response<Content> {
    try await respond(
      TurnRequest(
        prompt: prompt.text, schema: Content.generationSchema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Answers a text with a value of a type.
  @discardableResult @_disfavoredOverload
  nonisolated(nonsending) public func respond<Content: Generable>(
    to prompt: String, generating type: Content.Type = Content.self,
    includeSchemaInPrompt: Bool = true, options: GenerationOptions = GenerationOptions()
  ) async throws -> Response<Content> {
    try await respond(
      TurnRequest(
        prompt: prompt, schema: Content.generationSchema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Answers a prompt that is put together here with a value of a type.
  @discardableResult nonisolated(nonsending) public func respond<Content: Generable>(
    generating type: Content.Type = Content.self, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions(), @PromptBuilder prompt: () throws -> Prompt
  ) async throws -> Response<Content> {
    try await respond(
      TurnRequest(
        prompt: try prompt().text, schema: Content.generationSchema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Answers a prompt, and says what the model is shown with a value of a type.
  @discardableResult nonisolated(nonsending) public func respond<Content: Generable>(
    to prompt: Prompt, generating type: Content.Type = Content.self,
    options: GenerationOptions = GenerationOptions(), contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) async throws -> Response<Content> {
    try await respond(
      TurnRequest(
        prompt: prompt.text, schema: Content.generationSchema, options: options,
        context: contextOptions, metadata: metadata))
  }
}
