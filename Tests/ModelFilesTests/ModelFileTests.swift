import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Model file")
struct ModelFileTests {
  private let bytes = TinyModel.least.bytes()

  /// Runs a body with a path in a folder that is removed afterwards.
  private func withPath(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: "model.gguf").path)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  private func openingError(_ path: String) -> ModelError? {
    #expect(throws: ModelError.self, "\(path)") {
      try ModelFile(path: path, types: GGUFWeightFormat.table)
    }
  }

  @Test("A file on disk gives the same tensors and hash as its bytes")
  func regularFile() throws {
    try withPath { path in
      try write(bytes, to: path)
      let expected = Loading(bytes)
      let file = try ModelFile(path: path, types: GGUFWeightFormat.table)
      var tensors: [String: [UInt8]] = [:]
      var progress: [UInt64] = []
      let digest = try file.read(
        progress: { done, total in
          #expect(total == UInt64(bytes.count))
          progress.append(done)
        },
        visit: { tensors[$0.name] = Array($1) })
      #expect(tensors == expected.tensors)
      #expect(progress == progress.sorted() && progress.last == UInt64(bytes.count))
      #expect(file.byteCount == UInt64(bytes.count))
      try file.read(expecting: digest) { _, _ in }
    }
  }

  @Test("A hash is read from its digits, in either letter case, and from nothing else")
  func digests() throws {
    let file = try ModelFile(source: MemorySource(bytes), types: GGUFWeightFormat.table)
    let found = try file.read { _, _ in }
    #expect(FileDigest(hexadecimal: found.description) == found)
    #expect(FileDigest(hexadecimal: found.description.uppercased()) == found)
    for wrong in ["", "00", String(repeating: "g", count: 64), "\(found)0"] {
      #expect(FileDigest(hexadecimal: wrong) == nil)
    }
  }

  @Test("Any flipped bit of tensor data is found by the hash")
  func flippedBits() throws {
    let image = TinyModel.least.builder().image()
    let start = try #require(image.field("tensor[0].data")).range.lowerBound
    let file = try ModelFile(source: MemorySource(bytes), types: GGUFWeightFormat.table)
    let digest = try file.read { _, _ in }
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      var changed = bytes
      changed[start + generator.below(bytes.count - start)] ^= 1 << UInt8(generator.below(8))
      let error = Loading(MemorySource(changed), digest: digest).error
      // A changed byte of padding is refused even before the hash is known.
      #expect(error?.kind == .corrupt || error?.kind == .layout)
    }
  }

  @Test("What is no regular file is refused without waiting for it")
  func specialFiles() throws {
    try withPath { path in
      #expect(openingError(path)?.kind == .unreadable)
      #expect(openingError("")?.kind == .unreadable)
      #expect(openingError("\(path)\0.gguf")?.kind == .unreadable)
      #expect(openingError((path as NSString).deletingLastPathComponent)?.kind == .unreadable)
      #expect(openingError("/dev/zero")?.kind == .unreadable)
      #expect(openingError("/dev/null")?.kind == .unreadable)
      #expect(mkfifo("\(path).pipe", 0o600) == 0)
      #expect(openingError("\(path).pipe")?.kind == .unreadable)
      #expect(symlink("\(path).loop", "\(path).loop") == 0)
      #expect(openingError("\(path).loop")?.kind == .unreadable)
      try write([], to: path)
      #expect(openingError(path)?.kind == .truncated)
      #if os(Linux)
        #expect(openingError("/proc/self/mem")?.kind == .truncated)
        #expect(openingError("/proc/self/status")?.kind == .truncated)
      #endif
    }
  }

  @Test("A file that nobody may read is refused", .enabled(if: getuid() != 0))
  func forbidden() throws {
    try withPath { path in
      try write(bytes, to: path)
      #expect(chmod(path, 0) == 0)
      #expect(openingError(path)?.kind == .unreadable)
    }
  }

  @Test("A sparse file of a terabyte is refused by its header alone")
  func sparse() throws {
    try withPath { path in
      try write([], to: path)
      #expect(truncate(path, 1 << 40) == 0)
      #expect(openingError(path)?.kind == .unsupported)
      try write(bytes, to: path)
      #expect(truncate(path, 1 << 40) == 0)
      #expect(openingError(path)?.kind == .layout)
      var builder = TinyModel.least.builder()
      let last = builder.tensors.count - 1
      builder.tensors[last].dimensions = [1 << 36]
      try write(builder.bytes(), to: path)
      #expect(truncate(path, 1 << 40) == 0)
      #expect(openingError(path)?.kind == .limit)
    }
  }

  @Test("A symbolic link to a model is followed")
  func link() throws {
    try withPath { path in
      try write(bytes, to: path)
      #expect(symlink(path, "\(path).link") == 0)
      let file = try ModelFile(path: "\(path).link", types: GGUFWeightFormat.table)
      #expect(file.byteCount == UInt64(bytes.count))
    }
  }

  @Test("A file that is shortened while it is read is refused")
  func shortened() throws {
    try withPath { path in
      try write(bytes, to: path)
      let file = try ModelFile(path: path, types: GGUFWeightFormat.table)
      let error = #expect(throws: ModelError.self) {
        try file.read { _, _ in #expect(truncate(path, 4_000) == 0) }
      }
      #expect(error?.kind == .truncated)
    }
  }

  @Test("A file that is lengthened while it is read is refused")
  func lengthened() throws {
    try withPath { path in
      try write(bytes, to: path)
      let file = try ModelFile(path: path, types: GGUFWeightFormat.table)
      let error = #expect(throws: ModelError.self) {
        try file.read { _, _ in #expect(truncate(path, Int(bytes.count) + 1) == 0) }
      }
      #expect(error?.kind == .unreadable)
    }
  }

  @Test("Short and interrupted reads give the same tensors", arguments: [1, 7, 4_096])
  func shortReads(mostBytes: Int) {
    let expected = Loading(bytes)
    let source = FaultySource(bytes, mostBytes: mostBytes, isInterrupted: true)
    let loading = Loading(source)
    #expect(loading.error == nil)
    #expect(loading.tensors == expected.tensors)
  }

  @Test("A read error anywhere in the file ends the loading")
  func readErrors() {
    for offset in stride(from: 0, to: UInt64(bytes.count), by: 997) {
      let broken = FaultySource(bytes, fault: (offset, .failed(5)))
      #expect(Loading(broken).error?.kind == .unreadable, "at \(offset)")
      let ended = FaultySource(bytes, fault: (offset, .bytes(0)))
      #expect(Loading(ended).error?.kind == .truncated, "at \(offset)")
      let lying = FaultySource(bytes, fault: (offset, .bytes(-1)))
      #expect(Loading(lying).error?.kind == .unreadable, "at \(offset)")
    }
    #expect(Loading(FaultySource(bytes, wasChanged: true)).error?.kind == .unreadable)
  }

  @Test("What the visitor throws ends the reading")
  func visitorThrows() throws {
    struct Stop: Error {}
    let file = try ModelFile(source: MemorySource(bytes), types: GGUFWeightFormat.table)
    var visits = 0
    #expect(throws: Stop.self) {
      try file.read { _, _ in
        visits += 1
        throw Stop()
      }
    }
    #expect(visits == 1)
  }
}
