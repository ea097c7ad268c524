import GPTModel

/// Makes models for tests: a real engine over random weights of two layers, in memory and in no time.
///
/// What such a model writes has no sense, and is the same whenever it is asked the same with the same seed.
public enum TinyLanguageModel {
  /// Makes a model.
  ///
  /// - Parameters:
  ///   - seed: Names the weights.
  ///   - context: Tokens that a conversation may have.
  ///   - ends: Whether answers may end before they are as long as they may be, or their form is complete.
  ///   - configuration: What the engine may use; the memory is no matter here.
  /// - Throws: `TensorError` where memory cannot be had.
  public static func make(
    seed: UInt64 = 1, context: Int = 4096, ends: Bool = false,
    configuration: ApusLanguageModel.Configuration = .init()
  ) throws -> ApusLanguageModel {
    let file = TinyModelFile(seed: seed, context: max(1, context))
    var options = LoadedModel.LoadingOptions()
    options.threads = 1
    let loaded = try LoadedModel.read(source: MemorySource(file.bytes), options: options)
    var configuration = configuration
    configuration.threads = configuration.threads ?? 1
    let model = try ApusLanguageModel(loaded, configuration.engineSettings, configuration)
    guard !ends else { return model }
    return model.with { settings in
      for end in loaded.tokenizer.endsOfSequence { settings.logitBias[end] = -.infinity }
    }
  }
}
