public import Tensor

extension ApusLanguageModel {
  /// What loading and the engine may use.
  public struct Configuration: Sendable {
    /// Bytes for weights, workspace and cache together: loading fails before it reads the weights where they do
    /// not fit. Nil for what the weights take, and at most a quarter of the machine's memory for the cache.
    public var memory: Int?
    /// Threads that compute; nil for as many as the process may use.
    public var threads: Int?
    /// Tokens that a conversation may have; nil for the model's own limit.
    public var contextLength: Int?
    /// How the cache keeps its numbers; nil for as exactly as the weights.
    public var cacheFormat: CacheFormat?
    /// Requests that are computed side by side.
    public var runningSequences = 32
    /// Requests that wait beside them.
    public var waitingRequests = 256
    /// What happens to a request for which there is no room.
    public var whenFull = WhenFull.wait
    /// The SHA-256 that the file must have, in hexadecimal; nil for any.
    public var sha256: String?

    /// Creates the defaults.
    public init() {}
  }

  /// What happens to a request for which there is no room.
  public enum WhenFull: Sendable {
    /// It waits, in turn with those of other clients.
    case wait
    /// It is refused with `LanguageModelError.rateLimited`.
    case refuse
  }

  /// How far loading has come.
  public struct Progress: Sendable, Hashable {
    /// Bytes of the files that were read.
    public var bytes: UInt64
    /// Bytes of the files.
    public var totalBytes: UInt64

    /// The part that was read, from 0 to 1.
    public var fraction: Double { totalBytes > 0 ? Double(bytes) / Double(totalBytes) : 1 }
  }

  /// Reads a GGUF file, or a folder of safetensors, and starts an engine; cancelling the task stops the reading.
  ///
  /// - Parameters:
  ///   - path: The file or the folder.
  ///   - configuration: What loading and the engine may use.
  ///   - progress: Called as bytes are read, from a thread that reads them.
  /// - Throws: `ApusError.memory` where it does not fit into the memory allowed, `ModelError` where the files are
  ///   not sound or not supported, `TensorError` where the system has not the memory.
  public static func load(
    _ path: String, configuration: Configuration = Configuration(),
    progress: (@Sendable (Progress) -> Void)? = nil
  ) async throws -> ApusLanguageModel {
    let settings = configuration.engineSettings
    var options = LoadedModel.LoadingOptions()
    (options.threads, options.sha256) = (configuration.threads, configuration.sha256)
    options.engine = settings
    if let progress {
      options.progress = { progress(Progress(bytes: $0.bytes, totalBytes: $0.totalBytes)) }
    }
    do {
      let model = try await LoadedModel.load(path: path, options: options)
      return try ApusLanguageModel(model, settings, configuration)
    } catch let error as InsufficientMemory {
      throw ApusError(.memory, path, "\(error)")
    }
  }

  /// Starts an engine for a model.
  package init(
    _ model: LoadedModel, _ settings: EngineConfiguration, _ configuration: Configuration
  ) throws {
    self.init(try Engine(model: model, configuration: settings))
    whenFull = configuration.whenFull
  }
}

extension ApusLanguageModel.Configuration {
  /// What the engine may use.
  package var engineSettings: EngineConfiguration {
    var settings = EngineConfiguration()
    (settings.threads, settings.contextLength) = (threads, contextLength)
    (settings.cacheFormat, settings.memoryBytes) = (cacheFormat, memory)
    settings.runningSequences = max(1, runningSequences)
    settings.waitingRequests = max(1, waitingRequests)
    return settings
  }
}
