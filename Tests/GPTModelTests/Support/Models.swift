import Foundation
import GPTModel
import TestSupport

/// The models that tests run.
enum Models {
  /// The repository's folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The default model's file, or nil where it was not fetched.
  static let defaultPath: String? = {
    let path = root.appending(path: "Weights/SmolLM2-135M-Instruct.Q4_1.gguf").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  /// Whether tests of the default model can run.
  static var hasDefault: Bool { defaultPath != nil }

  /// The default model, loaded once for all tests.
  static let shared = Result { try LoadedModel.read(path: defaultPath ?? "") }

  /// A tiny model built in memory.
  static func tiny(_ change: (inout TinyModel) -> Void = { _ in }) throws -> LoadedModel {
    var tiny = TinyModel()
    change(&tiny)
    return try LoadedModel.read(from: tiny.source())
  }

  /// Reads a file of `Tests/Goldens`.
  static func golden<Document: Decodable>(_ name: String, as type: Document.Type) throws
    -> Document
  {
    let url = root.appending(path: "Tests/Goldens/\(name)")
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }
}
