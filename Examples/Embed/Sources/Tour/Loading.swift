import GPTModel

// listing: loading
/// Loads a model on a thread of its own, and tells how far it has come.
func loadModel(_ path: String) async throws -> LoadedModel {
  var options = LoadedModel.LoadingOptions()
  options.name = "assistant"
  options.progress = { progress in
    print("\r\(progress.bytes) of \(progress.totalBytes) bytes", terminator: "")
  }
  return try await LoadedModel.load(path: path, options: options)
}
// end

// listing: memory
/// An engine with one thread, a small cache, and few requests side by side.
func makeEngine(_ model: LoadedModel) throws -> Engine {
  var configuration = EngineConfiguration()
  configuration.threads = 1
  configuration.contextLength = 2048
  configuration.cacheBytes = 64 << 20
  configuration.runningSequences = 8
  let engine = try Engine(model: model, configuration: configuration)
  print("weights \(model.weightBytes) bytes, cache \(engine.cacheBytes) bytes")
  return engine
}
// end
