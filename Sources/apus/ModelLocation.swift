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

  /// The file or folder at a path, or the default model when no path is given.
  init(path: String?) throws {
    if let path {
      (self.path, name, sha256, sampling) = (path, nil, nil, SamplingDefaults())
      return
    }
    guard let folder = Self.weightsFolder() else {
      throw ValidationError(
        "There is no Weights/ folder here or above; name a file or folder with --model.")
    }
    let manifest = try Manifest(folder.appending(path: "manifest.json"))
    let file = folder.appending(path: manifest.file)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw ValidationError("\(file.path) is missing; run \(folder.path)/fetch first.")
    }
    (self.path, name, sha256) = (file.path, manifest.name, manifest.sha256)
    sampling = manifest.samplingDefaults
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

/// The default model, as `Weights/manifest.json` records it.
private struct Manifest: Decodable {
  let name: String
  let file: String
  let sha256: String
  let sampling: Sampling?

  struct Sampling: Decodable {
    let temperature: Double?
    let topP: Double?

    enum CodingKeys: String, CodingKey {
      case temperature
      case topP = "top_p"
    }
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
  }
}
