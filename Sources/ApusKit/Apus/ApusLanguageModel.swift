/// A model in memory with an engine that computes the requests of all sessions over it side by side.
///
/// The value is cheap to copy: copies share the engine.
///
/// ```swift
/// let model = try await ApusLanguageModel.load("model.gguf")
/// let session = LanguageModelSession(model: model)
/// ```
public struct ApusLanguageModel: LanguageModel {
  /// Computes the requests.
  public let engine: Engine
  /// What `GenerationOptions` has no word for, for requests made with this value.
  public var request = RequestSettings()
  /// What happens to a request for which there is no room.
  var whenFull = WhenFull.wait

  /// Shares an engine, with a server for example.
  public init(_ engine: Engine) { self.engine = engine }

  /// A copy whose requests differ.
  public func with(_ change: (inout RequestSettings) throws -> Void) rethrows -> ApusLanguageModel {
    var model = self
    try change(&model.request)
    return model
  }

  /// What the model can do: to answer in a form and to call tools are the engine's doing.
  public var capabilities: LanguageModelCapabilities {
    LanguageModelCapabilities(
      [.guidedGeneration, .toolCalling] + (engine.model.style.thinks ? [.reasoning] : []))
  }

  /// Names the engine.
  public var executorConfiguration: Executor.Configuration {
    Executor.Configuration(engine: ObjectIdentifier(engine))
  }

  /// Tokens that a conversation may have, its answer included.
  public var contextSize: Int { engine.contextLength }

  /// Names the model and its weights: with equal ones equal requests have equal answers.
  public var fingerprint: String { engine.model.fingerprint }

  /// Refuses new requests, and returns when all that were taken have ended.
  ///
  /// - Parameter limit: How long they may take; what runs then is cancelled.
  /// - Returns: How many were cancelled.
  @discardableResult public func shutDown(within limit: Duration = .seconds(30)) async -> Int {
    await engine.drain(within: limit)
  }
}
