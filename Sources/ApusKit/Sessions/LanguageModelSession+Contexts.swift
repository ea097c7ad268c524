extension LanguageModelSession {
  /// Answers a text with text, and says what the model is shown.
  @discardableResult @_disfavoredOverload nonisolated(nonsending) public func respond(
    to prompt: String, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) async throws -> Response<String> {
    try await respond(
      TurnRequest(
        prompt: prompt, options: options, context: contextOptions, metadata: metadata))
  }

  /// Answers a prompt that is put together here with text, and says what the model is shown.
  @discardableResult nonisolated(nonsending) public func respond(
    options: GenerationOptions = GenerationOptions(), contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:],
    @PromptBuilder prompt: () throws -> Prompt
  ) async throws -> Response<String> {
    try await respond(
      TurnRequest(
        prompt: try prompt().text, options: options, context: contextOptions, metadata: metadata))
  }

  /// Answers a text in the form of a schema, and says what the model is shown.
  @discardableResult @_disfavoredOverload nonisolated(nonsending) public func respond(
    to prompt: String, schema: GenerationSchema, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) async throws -> Response<GeneratedContent> {
    try await respond(
      TurnRequest(
        prompt: prompt, schema: schema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Answers a prompt that is put together here in the form of a schema, and says what the model is shown.
  @discardableResult nonisolated(nonsending) public func respond(
    schema: GenerationSchema, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:],
    @PromptBuilder prompt: () throws -> Prompt
  ) async throws -> Response<GeneratedContent> {
    try await respond(
      TurnRequest(
        prompt: try prompt().text, schema: schema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Answers a text with a value of a type, and says what the model is shown.
  @discardableResult @_disfavoredOverload
  nonisolated(nonsending) public func respond<Content: Generable>(
    to prompt: String, generating type: Content.Type = Content.self,
    options: GenerationOptions = GenerationOptions(), contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) async throws -> Response<Content> {
    try await respond(
      TurnRequest(
        prompt: prompt, schema: Content.generationSchema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Answers a prompt that is put together here with a value of a type, and says what the model is shown.
  @discardableResult nonisolated(nonsending) public func respond<Content: Generable>(
    generating type: Content.Type = Content.self, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:],
    @PromptBuilder prompt: () throws -> Prompt
  ) async throws -> Response<Content> {
    try await respond(
      TurnRequest(
        prompt: try prompt().text, schema: Content.generationSchema, options: options,
        context: contextOptions, metadata: metadata))
  }

  /// Begins to answer a text with text, and says what the model is shown.
  @_disfavoredOverload public func streamResponse(
    to prompt: String, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) -> sending ResponseStream<String> {
    stream(
      TurnRequest(
        prompt: prompt, options: options, context: contextOptions, metadata: metadata))
  }

  /// Begins to answer a prompt that is put together here with text, and says what the model is shown.
  public func streamResponse(
    options: GenerationOptions = GenerationOptions(), contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:],
    @PromptBuilder prompt: () throws -> Prompt
  ) rethrows -> sending ResponseStream<String> {
    stream(
      TurnRequest(
        prompt: try prompt().text, options: options, context: contextOptions, metadata: metadata))
  }

  /// Begins to answer a text in the form of a schema, and says what the model is shown.
  @_disfavoredOverload public func streamResponse(
    to prompt: String, schema: GenerationSchema, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) -> sending ResponseStream<GeneratedContent> {
    stream(
      TurnRequest(
        prompt: prompt, schema: schema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Begins to answer a prompt that is put together here in the form of a schema, and says what the model is shown.
  public func streamResponse(
    schema: GenerationSchema, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:],
    @PromptBuilder prompt: () throws -> Prompt
  ) rethrows -> sending ResponseStream<GeneratedContent> {
    stream(
      TurnRequest(
        prompt: try prompt().text, schema: schema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Begins to answer a text with a value of a type, and says what the model is shown.
  @_disfavoredOverload public func streamResponse<Content: Generable>(
    to prompt: String, generating type: Content.Type = Content.self,
    options: GenerationOptions = GenerationOptions(), contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) -> sending ResponseStream<Content> {
    stream(
      TurnRequest(
        prompt: prompt, schema: Content.generationSchema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Begins to answer a prompt that is put together here with a value of a type, and says what the model is shown.
  public func streamResponse<Content: Generable>(
    generating type: Content.Type = Content.self, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:],
    @PromptBuilder prompt: () throws -> Prompt
  ) rethrows -> sending ResponseStream<Content> {
    stream(
      TurnRequest(
        prompt: try prompt().text, schema: Content.generationSchema, options: options,
        context: contextOptions, metadata: metadata))
  }
}
