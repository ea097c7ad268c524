import FoundationEssentials

extension ApusLanguageModel {
  /// Starts a generation, waiting for room where that is wanted.
  ///
  /// - Throws: What a session throws for what the engine refuses.
  func start(_ request: GenerationRequest) async throws -> GenerationStream {
    do {
      switch whenFull {
      case .wait: return try await engine.submit(request)
      case .refuse: return try engine.generate(request)
      }
    } catch let error as EngineError {
      throw translated(error)
    }
  }

  /// What a session throws for an error of the engine.
  func translated(_ error: EngineError) -> any Error {
    switch error {
    case .promptTooLong(let tokens, let context):
      LanguageModelError.contextSizeExceeded(
        .init(contextSize: context, tokenCount: tokens, debugDescription: "\(error)"))
    case .queueFull, .tokensQueued, .tooManyForClient:
      LanguageModelError.rateLimited(
        .init(
          resetDate: .init(timeIntervalSinceNow: engine.status.expectedWait),
          debugDescription: "\(error)"))
    case .waitedTooLong: LanguageModelError.timeout(.init(debugDescription: "\(error)"))
    case .shuttingDown: ApusError(.shuttingDown, engine.model.name, "\(error)")
    default: error
    }
  }
}
