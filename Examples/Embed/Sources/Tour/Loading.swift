import GPTModel

// listing: loading
/// Loads a model away from the caller's actor, and tells how far it has come.
func loadModel(_ path: String) async throws -> LoadedModel {
  var options = LoadedModel.LoadingOptions()
  options.name = "assistant"
  options.progress = { progress in
    print("\r\(progress.bytes) of \(progress.totalBytes) bytes", terminator: "")
  }
  return try await Task.detached { [options] in
    try LoadedModel.load(path: path, options: options)
  }.value
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
