import ArgumentParser
import Foundation
import GPTModel
import ModelFiles

/// Where a model is, and what its manifest says of it.
struct ModelLocation {
  let path: String
  let name: String?
  let sha256: String?
  /// How tokens are chosen where nobody says otherwise.
  let sampling: SamplingDefaults

  /// The file or folder at a path, the model of a name in `Weights/`, or the default model where neither is
  /// given.
  ///
  /// Where the default model was not fetched, the model that comes with the program takes its place.
  init(path: String?) throws {
    if let path {
      let isThere = FileManager.default.fileExists(atPath: path)
      if !isThere, let folder = Self.weightsFolder(),
        let manifest = try Manifest.all(in: folder).first(where: { $0.name == path })
      {
        try self.init(manifest, in: folder)
      } else {
        self.init(file: path)
      }
      return
    }
    guard let folder = Self.weightsFolder() else {
      throw ValidationError(
        "There is no Weights/ folder here or above; name a file or folder with --model.")
    }
    let usual = try Manifest(folder.appending(path: Manifest.usual))
    guard !usual.isThere(in: folder),
      let shipped = try Manifest.all(in: folder).first(where: {
        $0.source == nil && $0.isThere(in: folder)
      })
    else {
      try self.init(usual, in: folder)
      return
    }
    printError(
      "apus: \(usual.name) was not fetched; \(shipped.name), a very small model, takes its place."
        + " \(folder.path)/fetch fetches it.")
    try self.init(shipped, in: folder)
  }

  /// A file or folder of which no manifest tells.
  private init(file path: String) {
    (self.path, name, sha256, sampling) = (path, nil, nil, SamplingDefaults())
  }

  /// The model of a manifest.
  private init(_ manifest: Manifest, in folder: URL) throws {
    guard manifest.isThere(in: folder) else {
      let command =
        manifest.origin == Manifest.usual ? "fetch" : "fetch --manifest \(manifest.origin)"
      throw ValidationError(
        "\(folder.appending(path: manifest.file).path) is missing; run \(folder.path)/\(command)"
          + " first.")
    }
    path = folder.appending(path: manifest.file).path
    (name, sha256, sampling) = (manifest.name, manifest.sha256, manifest.samplingDefaults)
  }

  /// The folder with the manifest: beside the working folder, or above the executable.
  private static func weightsFolder() -> URL? {
    let here = URL(filePath: FileManager.default.currentDirectoryPath)
    var folders = [here]
    var above = (Bundle.main.executableURL ?? here).resolvingSymlinksInPath()
    while above.pathComponents.count > 1 {
      above.deleteLastPathComponent()
      folders.append(above)
    }
    return folders.map { $0.appending(path: "Weights") }.first {
      FileManager.default.fileExists(atPath: $0.appending(path: "manifest.json").path)
    }
  }
}

/// A model in `Weights/`, as its manifest records it.
private struct Manifest: Decodable {
  /// The file name of the default model's manifest.
  static let usual = "manifest.json"

  let name: String
  let file: String
  let sha256: String
  let sampling: Sampling?
  /// Where the file is fetched from; nil where it comes with the program.
  let source: Source?
  /// The name of the manifest itself.
  private(set) var origin = Manifest.usual

  struct Sampling: Decodable {
    let temperature: Double?
    let topP: Double?

    enum CodingKeys: String, CodingKey {
      case temperature
      case topP = "top_p"
    }
  }

  /// A source of any form.
  struct Source: Decodable {
    init(from decoder: any Decoder) {}
  }

  enum CodingKeys: String, CodingKey {
    case name, file, sha256, sampling, source
  }

  var samplingDefaults: SamplingDefaults {
    var defaults = SamplingDefaults()
    defaults.temperature = sampling?.temperature
    defaults.topP = sampling?.topP
    return defaults
  }

  init(_ url: URL) throws {
    do {
      self = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: url))
    } catch {
      throw ValidationError("\(url.path) cannot be read: \(error)")
    }
    guard !file.isEmpty, !file.contains("/"), !file.hasPrefix(".") else {
      throw ValidationError("\(url.path) names \"\(file)\", which is not a plain file name.")
    }
    origin = url.lastPathComponent
  }

  /// The manifests of a folder, in the order of their names.
  static func all(in folder: URL) throws -> [Manifest] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".json")
    }
    .sorted().map { try Manifest(folder.appending(path: $0)) }
  }

  /// Whether the model's file is in a folder.
  func isThere(in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: file).path)
  }
}
