import Foundation
import ModelFiles
import TestSupport
import Testing

/// Models over several GGUF files, as llama.cpp splits them.
@Suite("Split GGUF files")
struct SplitModelTests {
  private static let whole = TinyModel.least.builder()
  private static let names = (1...3).map { "tiny-0000\($0)-of-00003.gguf" }

  /// The parts: the first with the metadata, and each with every third tensor after the first three.
  private static func parts(firstHasTensors: Bool = true) -> [GGUFBuilder] {
    (0..<3).map { number in
      var part = whole
      if number > 0 { part.entries = [] }
      part["split.no"] = .uint16(UInt16(number))
      part["split.count"] = .uint16(3)
      part["split.tensors.count"] = .int32(Int32(whole.tensors.count))
      part.tensors = whole.tensors.enumerated().filter { place, _ in
        firstHasTensors ? place % 3 == number : number > 0 && place % 2 == number - 1
      }.map(\.element)
      return part
    }
  }

  /// Runs a body with the paths of files in a folder that is removed afterwards.
  private func withFiles(
    _ parts: [GGUFBuilder], names: [String] = names, _ body: ([String]) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    for (name, part) in zip(names, parts) {
      let file = folder.appending(path: name)
      try Data(part.bytes()).write(to: file)
      paths.append(file.path)
    }
    try body(paths)
  }

  private func expectError(
    _ kind: ModelError.Kind, _ field: String, _ path: String, _ detail: String = ""
  ) {
    let error = #expect(throws: ModelError.self) { try ModelSources.open(path: path) }
    #expect(error?.kind == kind && error?.field == field, "\(String(describing: error))")
    #expect(
      detail.isEmpty || error?.detail.contains(detail) == true, "\(String(describing: error))")
  }

  /// The bytes of all tensors, and the model's identity.
  private func content(
    _ source: any ModelSource, expecting digest: FileDigest? = nil
  ) throws -> ([String: [UInt8]], FileDigest) {
    var tensors: [String: [UInt8]] = [:]
    var last: UInt64 = 0
    let found = try source.read(
      .standard, expecting: digest,
      progress: { done, total in
        #expect(done >= last && total == source.byteCount)
        last = done
      }, visit: { tensors[$0.name] = Array($1) })
    #expect(last == source.byteCount)
    return (tensors, found)
  }

  @Test("Any part opens the whole model", arguments: [true, false])
  func opens(firstHasTensors: Bool) throws {
    let single = try GGUFSource(MemorySource(Self.whole.bytes()))
    let expected = try content(single).0
    try withFiles(Self.parts(firstHasTensors: firstHasTensors)) { paths in
      var digests: Set<FileDigest> = []
      for path in paths {
        let source = try ModelSources.open(path: path)
        let (tensors, digest) = try content(source)
        #expect(tensors == expected)
        #expect(try content(source, expecting: digest).1 == digest)
        digests.insert(digest)
        #expect(source.format == "GGUF version 3, 3 files")
        #expect(source.configuration.architecture == single.configuration.architecture)
        let files = try source.tensors(.standard).map { $0.file ?? "" }
        #expect(files.count == expected.count && Set(files).isSubset(of: Self.names))
        #expect(Set(files).count == (firstHasTensors ? 3 : 2))
      }
      #expect(digests.count == 1)
    }
  }

  @Test("A missing part is named")
  func missing() throws {
    try withFiles(Array(Self.parts().prefix(2))) { paths in
      for path in paths { expectError(.missing, Self.names[2], path) }
    }
  }

  @Test("Parts that are others than their names say are refused, and so are repeated ones")
  func wrong() throws {
    var parts = Self.parts()
    parts[1] = parts[2]
    try withFiles(parts) { expectError(.invalid, "\(Self.names[1]): split.no", $0[0], "2") }
    parts = Self.parts()
    parts[2]["split.count"] = .uint16(4)
    try withFiles(parts) { expectError(.invalid, "\(Self.names[2]): split.count", $0[0], "4") }
    parts[2]["split.count"] = nil
    parts[2]["split.no"] = nil
    parts[2]["split.tensors.count"] = nil
    parts[2]["general.name"] = .text("whole")
    try withFiles(parts) { expectError(.invalid, "\(Self.names[2]): split.count", $0[0], "1") }
    parts = Self.parts()
    parts[1].version = 9
    try withFiles(parts) { paths in
      let error = #expect(throws: ModelError.self) { try ModelSources.open(path: paths[0]) }
      #expect(error?.kind == .unsupported && error?.field.hasPrefix(Self.names[1]) == true)
    }
  }

  @Test("A tensor in two parts, and another number of tensors than is said, are refused")
  func tensors() throws {
    var parts = Self.parts()
    let name = String(decoding: parts[0].tensors[0].name, as: UTF8.self)
    parts[1].tensors.append(parts[0].tensors[0])
    try withFiles(parts) {
      expectError(.duplicate, "\(Self.names[1]): \(name)", $0[2], Self.names[0])
    }
    parts = Self.parts()
    parts[2].tensors.removeLast()
    try withFiles(parts) { expectError(.invalid, "split.tensors.count", $0[0]) }
  }

  @Test("A part whose name is no part's says how parts are named")
  func names() throws {
    for name in [
      "model.gguf", "tiny-00001-of-00002.gguf", "tiny-1-of-3.gguf", "tiny-00000-of-00000.gguf",
      "tiny--0001-of-00003.gguf",
    ] {
      try withFiles(Self.parts(), names: [name]) {
        expectError(.unsupported, "file", $0[0], "NAME-00001-of-00003.gguf")
      }
    }
    try withFiles(Self.parts(), names: [Self.names[1]]) {
      expectError(.missing, Self.names[0], $0[0])
    }
    var part = Self.parts()[0]
    part["split.count"] = .uint16(.max)
    try withFiles([part], names: ["tiny-00001-of-65535.gguf"]) {
      expectError(.limit, "split.count", $0[0], "65535")
    }
  }
}
