import Foundation
import Tensor
import Testing

@testable import Training

/// Checkpoints survive whatever moment a run ends at.
@Suite("Checkpoints")
struct CheckpointTests {
  private static func checkpoint(_ step: Int) -> Checkpoint {
    Checkpoint(
      step: step,
      files: [
        "model.safetensors": [UInt8](repeating: UInt8(step & 0xFF), count: 100 + step),
        "state.json": Array("{\"step\":\(step)}".utf8),
      ])
  }

  private static func store(_ files: CrashingFiles, kept: Int = 2) throws -> CheckpointStore {
    if try !files.names(in: "").contains("run") {
      try files.makeFolder("run")
      try files.sync("")
    }
    return CheckpointStore(folder: "run", files: files, kept: kept)
  }

  /// Saves three checkpoints, and returns the steps that were saved before a call failed.
  private static func save(_ files: CrashingFiles) throws -> [Int] {
    let store = try store(files)
    var saved: [Int] = []
    for step in [10, 20, 30] {
      do { try store.save(checkpoint(step)) } catch { return saved }
      saved.append(step)
    }
    return saved
  }

  @Test("A whole checkpoint is found after a crash at every call", arguments: [false, true])
  func crashes(losesUnsynced: Bool) throws {
    let whole = CrashingFiles()
    #expect(try Self.save(whole) == [10, 20, 30])
    #expect(whole.calls > 30)
    for limit in 2..<whole.calls {
      let files = CrashingFiles()
      files.limit = limit
      let saved = try Self.save(files)
      let left = files.afterCrash(losesUnsynced: losesUnsynced)
      let found = try Self.store(left).latest()
      // What was told to be saved is there; what came next may be.
      let newest = saved.last ?? 0
      let step = found.checkpoint?.step ?? 0
      #expect(step == newest || step == newest + 10, "crash at \(limit): \(step) of \(saved)")
      #expect(found.checkpoint.map { $0 == Self.checkpoint($0.step) } ?? true)
      #expect(found.faults.isEmpty)
      #expect(try !left.names(in: "run").contains { $0.hasPrefix(".") })
      // The run goes on from there.
      try Self.store(left).save(Self.checkpoint(40))
      #expect(try Self.store(left).latest().checkpoint == Self.checkpoint(40))
    }
  }

  @Test("Old checkpoints go, and a step may be saved again")
  func kept() throws {
    let files = CrashingFiles()
    let store = try Self.store(files)
    for step in [1, 2, 3, 3] { try store.save(Self.checkpoint(step)) }
    #expect(try files.names(in: "run") == ["step-00000002", "step-00000003"])
  }

  @Test("A damaged checkpoint is passed over for the one before, and named")
  func damage() throws {
    let path = "run/step-00000020/model.safetensors"
    let changes: [(String, (inout [UInt8]) -> Void)] = [
      (path, { $0[50] ^= 1 }), (path, { $0.removeLast() }),
      ("run/step-00000020/manifest.json", { $0[0] = 0 }),
      ("run/step-00000020/manifest.json", { $0.removeAll() }),
    ]
    for (path, change) in changes {
      let files = CrashingFiles()
      let store = try Self.store(files)
      try store.save(Self.checkpoint(10))
      try store.save(Self.checkpoint(20))
      try files.damage(path, change)
      let found = try store.latest()
      #expect(found.checkpoint == Self.checkpoint(10))
      #expect(found.faults.count == 1)
    }
    let files = CrashingFiles()
    let store = try Self.store(files)
    try store.save(Self.checkpoint(10))
    try store.save(Self.checkpoint(20))
    try files.remove(path)
    let found = try store.latest()
    #expect(found.checkpoint == Self.checkpoint(10))
    #expect(found.faults.first?.field == path)
  }

  @Test("The system's files do the same")
  func system() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path()
    let files = SystemFiles()
    try files.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = CheckpointStore(folder: folder, files: files, kept: 2)
    for step in [1, 2, 3] { try store.save(Self.checkpoint(step)) }
    #expect(try store.latest().checkpoint == Self.checkpoint(3))
    #expect(try files.names(in: folder) == ["step-00000002", "step-00000003"])
    #expect(throws: TrainingError.self) { try files.read(folder) }
    #expect(throws: TrainingError.self) { try files.makeFolder(folder) }
  }

  @Test("A run that was interrupted ends with the same bits")
  func resume() throws {
    let file = try GoldenFile("adamw.safetensors")
    let identity = ["corpus": "abc", "shape": "tiny"]
    func run(_ trainer: Trainer, _ steps: ClosedRange<Int>) throws {
      for step in steps {
        let leaves = try Golden.leaves(file, prefix: "batches.", batch: step - 1)
        _ = try trainer.step(leaves, rate: 3e-3)
      }
    }
    let steady = try ModelGoldenTests.trainer()
    try run(steady, 1...10)
    let first = try ModelGoldenTests.trainer()
    try run(first, 1...4)
    let state = RunState(identity: identity, step: 4, optimizerSteps: first.optimizer.steps)
    let files = CrashingFiles()
    let store = try Self.store(files)
    try store.save(state.checkpoint(first))
    let second = try ModelGoldenTests.trainer()
    let checkpoint = try #require(try store.latest().checkpoint)
    #expect(try RunState.restore(checkpoint, into: second, identity: identity) == state)
    try run(second, 5...10)
    let all = 0..<steady.weights.count
    #expect(second.weights[all].map(\.bitPattern) == steady.weights[all].map(\.bitPattern))
    #expect(
      second.optimizer.second[all].map(\.bitPattern)
        == steady.optimizer.second[all].map(\.bitPattern))
    let error = #expect(throws: TrainingError.self) {
      try RunState.restore(checkpoint, into: second, identity: ["corpus": "other"])
    }
    #expect(error?.field == "corpus")
  }
}
