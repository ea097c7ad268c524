import Foundation
import ModelFiles
import Tensor
import Testing

@testable import Training

/// Adapters that are written are added to their model later as they were in training, whatever their layout.
@Suite("Files of adapters")
struct AdapterMergeTests {
  /// Adapters that add something, their network, and the weights without and with them.
  private static func trained() throws -> (Adapters, TrainableDecoder, FloatBuffer, FloatBuffer) {
    let decoder = try TrainableDecoder(Golden.shape)
    var settings = AdapterSettings(rank: 3)
    settings.alpha = 5
    let base = try FloatBuffer(count: decoder.parameters.count)
    FirstWeights.fill(base, decoder, seed: 3)
    let adapters = try Adapters(
      settings, base: base, decoder: decoder, kernels: TrainingKernels(),
      pool: WorkerPool(threads: 1))
    let random = CounterRandom(seed: 1, purpose: .adapters, step: 77)
    for pair in adapters.pairs {
      for index in pair.up.range {
        adapters.values.base[index] = Float(random.normal(UInt64(index)))
      }
    }
    let merged = try FloatBuffer(count: base.count)
    merged.copy(base)
    adapters.merge(into: merged)
    return (adapters, decoder, base, merged)
  }

  /// Calls `body` with the path of an empty folder.
  private static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path()
    try SystemFiles().makeFolder(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test("give the same weights again, as a folder and as a GGUF file", arguments: ["", "/a.gguf"])
  func again(name: String) throws {
    let (adapters, decoder, base, merged) = try Self.trained()
    let export = AdapterExport(adapters, shape: Golden.shape, base: "base")
    let files = try Self.withFolder { folder in
      try WorkFolder().write(export, to: folder + name)
      return try AdapterFiles(path: folder + name)
    }
    let weights = try FloatBuffer(count: base.count)
    weights.copy(base)
    try AdapterMerge(decoder, kernels: TrainingKernels()).add(files, to: weights)
    let all = 0..<weights.count
    #expect(weights[all].map(\.bitPattern) == merged[all].map(\.bitPattern))
    #expect(!weights[all].elementsEqual(base[all]))
  }

  @Test("for another model are refused")
  func foreign() throws {
    let (adapters, _, _, _) = try Self.trained()
    let export = AdapterExport(adapters, shape: Golden.shape, base: "base")
    let files = try AdapterFiles(MemorySource(export.gguf))
    let changes: [(inout ModelShape) -> Void] = [{ $0.feedForward += 16 }, { $0.layers -= 1 }]
    for change in changes {
      var shape = Golden.shape
      change(&shape)
      let decoder = try TrainableDecoder(shape)
      let weights = try FloatBuffer(count: decoder.parameters.count)
      #expect(throws: TrainingError.self) {
        try AdapterMerge(decoder, kernels: TrainingKernels()).add(files, to: weights)
      }
    }
  }
}
