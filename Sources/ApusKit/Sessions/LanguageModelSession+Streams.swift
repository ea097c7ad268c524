extension LanguageModelSession {
  /// Begins to answer a prompt.
  func stream<Content: Generable>(
    _ request: TurnRequest
  ) -> sending ResponseStream<Content> {
    ResponseStream(turn: RunningTurn(request, in: self))
  }
}

extension LanguageModelSession {
  /// Begins to answer a prompt with text.
  public func streamResponse(to prompt: Prompt, options: GenerationOptions = GenerationOptions())
    -> sending ResponseStream<String>
  {
    stream(TurnRequest(prompt: prompt.text, options: options))
  }

  /// Begins to answer a text with text.
  @_disfavoredOverload public func streamResponse(
    to prompt: String, options: GenerationOptions = GenerationOptions()
  ) -> sending ResponseStream<String> {
    stream(TurnRequest(prompt: prompt, options: options))
  }

  /// Begins to answer a prompt that is put together here with text.
  public func streamResponse(
    options: GenerationOptions = GenerationOptions(), @PromptBuilder prompt: () throws -> Prompt
  ) rethrows -> sending ResponseStream<String> {
    stream(TurnRequest(prompt: try prompt().text, options: options))
  }

  /// Begins to answer a prompt, and says what the model is shown with text.
  public func streamResponse(
    to prompt: Prompt, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions, metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) -> sending ResponseStream<String> {
    stream(
      TurnRequest(
        prompt: prompt.text, options: options, context: contextOptions, metadata: metadata))
  }

  /// Begins to answer a prompt in the form of a schema.
  public func streamResponse(
    to prompt: Prompt, schema: GenerationSchema, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions()
  ) -> sending ResponseStream<GeneratedContent> {
    stream(
      TurnRequest(
        prompt: prompt.text, schema: schema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Begins to answer a text in the form of a schema.
  @_disfavoredOverload public func streamResponse(
    to prompt: String, schema: GenerationSchema, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions()
  ) -> sending ResponseStream<GeneratedContent> {
    stream(
      TurnRequest(
        prompt: prompt, schema: schema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Begins to answer a prompt that is put together here in the form of a schema.
  public func streamResponse(
    schema: GenerationSchema, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions(), @PromptBuilder prompt: () throws -> Prompt
  ) rethrows -> sending ResponseStream<GeneratedContent> {
    stream(
      TurnRequest(
        prompt: try prompt().text, schema: schema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Begins to answer a prompt, and says what the model is shown in the form of a schema.
  public func streamResponse(
    to prompt: Prompt, schema: GenerationSchema, options: GenerationOptions = GenerationOptions(),
    contextOptions: ContextOptions, metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) -> sending ResponseStream<GeneratedContent> {
    stream(
      TurnRequest(
        prompt: prompt.text, schema: schema, options: options, context: contextOptions,
        metadata: metadata))
  }

  /// Begins to answer a prompt with a value of a type.
  public func streamResponse<Content: Generable>(
    to prompt: Prompt, generating type: Content.Type = Content.self,
    includeSchemaInPrompt: Bool = true, options: GenerationOptions = GenerationOptions()
  ) -> sending ResponseStream<Content> {
    stream(
      TurnRequest(
        prompt: prompt.text, schema: Content.generationSchema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Begins to answer a text with a value of a type.
  @_disfavoredOverload public func streamResponse<Content: Generable>(
    to prompt: String, generating type: Content.Type = Content.self,
    includeSchemaInPrompt: Bool = true, options: GenerationOptions = GenerationOptions()
  ) -> sending ResponseStream<Content> {
    stream(
      TurnRequest(
        prompt: prompt, schema: Content.generationSchema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Begins to answer a prompt that is put together here with a value of a type.
  public func streamResponse<Content: Generable>(
    generating type: Content.Type = Content.self, includeSchemaInPrompt: Bool = true,
    options: GenerationOptions = GenerationOptions(), @PromptBuilder prompt: () throws -> Prompt
  ) rethrows -> sending ResponseStream<Content> {
    stream(
      TurnRequest(
        prompt: try prompt().text, schema: Content.generationSchema, options: options,
        includesSchema: includeSchemaInPrompt))
  }

  /// Begins to answer a prompt, and says what the model is shown with a value of a type.
  public func streamResponse<Content: Generable>(
    to prompt: Prompt, generating type: Content.Type = Content.self,
    options: GenerationOptions = GenerationOptions(), contextOptions: ContextOptions,
    metadata: [String: any Sendable & Codable & Equatable] = [:]
  ) -> sending ResponseStream<Content> {
    stream(
      TurnRequest(
        prompt: prompt.text, schema: Content.generationSchema, options: options,
        context: contextOptions, metadata: metadata))
  }
}
