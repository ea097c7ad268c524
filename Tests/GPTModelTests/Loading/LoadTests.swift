import Foundation
import Synchronization
import TestSupport
import Testing

@testable import GPTModel

@Suite("Loading beside other work")
struct LoadTests {
  private let path = FileManager.default.temporaryDirectory.appending(
    path: "apus-load-\(UUID().uuidString).gguf"
  ).path

  /// Runs `body` with a file of a tiny model.
  private func withFile(_ body: () async throws -> Void) async throws {
    try Data(TinyModel().bytes()).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body()
  }

  @Test("A model is the same, wherever it was read")
  func same() async throws {
    try await withFile {
      let loaded = try await LoadedModel.load(path: path)
      let read = try LoadedModel.read(path: path)
      #expect(loaded.fingerprint == read.fingerprint && loaded.weightBytes == read.weightBytes)
      #expect(try ModelSummary(path: path).weightBytes == loaded.weightBytes)
    }
    await #expect(throws: ModelError.self) { try await LoadedModel.load(path: path) }
  }

  @Test("A cancelled load ends before the next tensor")
  func cancelled() async throws {
    try await withFile {
      let reading = Mutex<Task<LoadedModel, any Error>?>(nil)
      let (began, signal) = AsyncStream.makeStream(of: Void.self)
      var options = LoadedModel.LoadingOptions()
      // Reads on once its task was cancelled.
      options.progress = { _ in
        signal.yield()
        while reading.withLock({ $0?.isCancelled != true }) {}
      }
      let task = Task { [options] in try await LoadedModel.load(path: path, options: options) }
      for await _ in began { break }
      task.cancel()
      reading.withLock { $0 = task }
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test("Weights that take more than they may are not read")
  func memory() async throws {
    try await withFile {
      let model = try LoadedModel.read(path: path)
      let progress = Atomic(0)
      var options = LoadedModel.LoadingOptions()
      options.progress = { _ in progress.add(1, ordering: .relaxed) }
      options.memoryBytes = model.weightBytes - 1
      let error = InsufficientMemory(
        neededBytes: model.weightBytes, allowedBytes: model.weightBytes - 1)
      await #expect(throws: error) { try await LoadedModel.load(path: path, options: options) }
      #expect(progress.load(ordering: .relaxed) == 0)
      options.memoryBytes = model.weightBytes
      #expect(try await LoadedModel.load(path: path, options: options).name == model.name)
    }
  }

  @Test("An engine keeps to what it and the weights may take, from before the weights are read")
  func engineMemory() async throws {
    try await withFile {
      let model = try LoadedModel.read(path: path)
      var configuration = EngineConfiguration()
      configuration.threads = 1
      configuration.memoryBytes = 0
      let least = try #require(
        #expect(throws: InsufficientMemory.self) {
          try Engine(model: model, configuration: configuration)
        })
      #expect(least.neededBytes > model.weightBytes && least.allowedBytes == 0)
      configuration.memoryBytes = least.neededBytes
      let smallest = try Engine(model: model, configuration: configuration)
      #expect(smallest.cacheBytes <= least.neededBytes - model.weightBytes)
      configuration.memoryBytes = least.neededBytes - 1
      var options = LoadedModel.LoadingOptions()
      options.engine = configuration
      await #expect(throws: InsufficientMemory.self) {
        try await LoadedModel.load(path: path, options: options)
      }
      configuration.memoryBytes = nil
      let free = try Engine(model: model, configuration: configuration)
      configuration.memoryBytes = .max
      let bounded = try Engine(model: model, configuration: configuration)
      #expect(bounded.cacheBytes == free.cacheBytes)
    }
  }

  @Test("A build whose kernels were not optimized is warned of")
  func warning() {
    #expect(EngineWarning.warnings(kernelsAreOptimized: true).isEmpty)
    let warnings = EngineWarning.warnings(kernelsAreOptimized: false)
    #expect(warnings.map(\.kind) == [.unoptimizedKernels])
    #expect(warnings.first?.description.contains("-c release") == true)
  }
}
