import Foundation
import GPTModel
import TestSupport
import Testing

@Suite("Folders on disk")
struct DiskFolderTests {
  /// Writes the tiny folder into a folder of its own, changes it, and tries to load it.
  private func load(_ change: (URL) throws -> Void = { _ in }) throws -> Result<String, ModelError>
  {
    let root = FileManager.default.temporaryDirectory.appending(path: "apus-\(UUID())")
    let folder = root.appending(path: "tiny model")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    for (name, bytes) in TinyModel.least.folder().files() {
      try Data(bytes).write(to: folder.appending(path: name))
    }
    try change(folder)
    do {
      return .success(try LoadedModel.read(path: folder.path).name)
    } catch let error as ModelError {
      return .failure(error)
    }
  }

  /// Puts something else in the place of a file.
  private func replace(_ name: String, in folder: URL, _ make: (URL) throws -> Void) throws {
    let file = folder.appending(path: name)
    try FileManager.default.removeItem(at: file)
    try make(file)
  }

  private static let files = [
    "config.json", "model.safetensors", "tokenizer.json", "generation_config.json",
  ]

  private func expectRefusal(
    _ name: String, _ kind: ModelError.Kind, _ make: (URL) throws -> Void
  ) throws {
    let result = try load { try replace(name, in: $0, make) }
    guard case .failure(let error) = result else {
      Issue.record("\(name) was accepted")
      return
    }
    #expect(error.field == name && error.kind == kind, "\(error)")
  }

  @Test("A folder is named after its last part, with or without a slash")
  func plain() throws {
    #expect(try load() == .success("tiny model"))
    #expect(DiskFolder(path: "/a/b/").name == "b")
    #expect(DiskFolder(path: "/").name == "/")
  }

  @Test("A folder, a pipe or a device in the place of a file is refused", arguments: files)
  func otherThings(name: String) throws {
    try expectRefusal(name, .unreadable) {
      try FileManager.default.createDirectory(at: $0, withIntermediateDirectories: false)
    }
    try expectRefusal(name, .unreadable) { #expect(mkfifo($0.path, 0o600) == 0) }
    try expectRefusal(name, .unreadable) {
      try FileManager.default.createSymbolicLink(
        at: $0, withDestinationURL: URL(filePath: "/dev/zero"))
    }
  }

  @Test(
    "A link that leads nowhere or to itself is a file that is not there",
    arguments: ["config.json", "model.safetensors", "tokenizer.json"])
  func danglingLinks(name: String) throws {
    try expectRefusal(name, .missing) {
      try FileManager.default.createSymbolicLink(
        at: $0, withDestinationURL: $0.appendingPathExtension("gone"))
    }
    try expectRefusal(name, .missing) {
      try FileManager.default.createSymbolicLink(at: $0, withDestinationURL: $0)
    }
  }

  @Test("Files that are links into a cache beside the folder are read")
  func links() throws {
    let result = try load { folder in
      let blobs = folder.deletingLastPathComponent().appending(path: "blobs")
      try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: false)
      for name in Self.files {
        let blob = blobs.appending(path: UUID().uuidString)
        try FileManager.default.moveItem(at: folder.appending(path: name), to: blob)
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: name).path,
          withDestinationPath: "../blobs/\(blob.lastPathComponent)")
      }
    }
    #expect(result == .success("tiny model"))
  }

  @Test("A path that is no folder of a model says what is missing")
  func notAModel() throws {
    guard
      case .failure(let empty) = try load({ folder in
        try FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      })
    else {
      Issue.record("it was accepted")
      return
    }
    #expect(empty.kind == .missing && empty.field == "config.json", "\(empty)")
    let paths = [
      "", "/dev/null", "/nowhere/at/all", "/dev/null/x", "a\0b",
      String(repeating: "a", count: 5000),
    ]
    for path in paths {
      #expect(throws: ModelError.self, "\(path.prefix(20))") {
        try LoadedModel.read(path: path)
      }
    }
  }

  @Test(
    "One of a folder's files in the place of the folder is refused with advice",
    arguments: [
      ("model.safetensors", "name the folder"), ("config.json", "name the folder"),
      ("model.safetensors.index.json", "name the folder"), ("pytorch_model.bin", "convert it"),
      ("consolidated.00.pth", "convert it"), ("model.gguf", "not a GGUF file"),
    ])
  func advice(name: String, sentence: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID())-\(name)")
    try Data([0x80, 2] + [UInt8](repeating: 1, count: 100)).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let error = #expect(throws: ModelError.self) { try LoadedModel.read(path: file.path) }
    #expect(error?.detail.contains(sentence) == true)
    #expect(error?.kind == .unsupported)
    // What is not there is not there, whatever its name.
    let absent = #expect(throws: ModelError.self) { try LoadedModel.read(path: file.path + name) }
    #expect(absent?.kind == .unreadable)
  }

  @Test("A folder with nothing but a pickle says that it must be converted")
  func pickle() throws {
    let result = try load { folder in
      try FileManager.default.moveItem(
        at: folder.appending(path: "model.safetensors"),
        to: folder.appending(path: "pytorch_model.bin"))
    }
    guard case .failure(let error) = result else {
      Issue.record("it was accepted")
      return
    }
    #expect(error.field == "pytorch_model.bin" && error.kind == .unsupported)
    #expect(error.detail.contains("convert"))
  }
}
