import Foundation
import JSON

/// A file of `Tests/Goldens`, or one that a campaign wrote elsewhere.
enum GoldenFile {
  /// The folder of a campaign's files, where one runs (see `Tests/Tools/tokenizers/campaign`).
  static let campaign = ProcessInfo.processInfo.environment["APUS_TOKENIZER_CAMPAIGN"]

  /// The files of a name: those that a campaign numbered, else the one that lies here.
  static func all(_ name: String) throws -> [JSONObject] {
    guard let campaign else { return [try read(here(name))] }
    let folder = URL(filePath: campaign)
    let names = try FileManager.default.contentsOfDirectory(atPath: campaign).sorted()
    return try names.filter { $0.hasPrefix("\(name)-") }
      .map { try read(folder.appending(path: $0)) }
  }

  /// The file of a name that lies here.
  static func one(_ name: String) throws -> JSONObject { try read(here(name)) }

  private static func here(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Goldens/\(name).json")
  }

  private static func read(_ file: URL) throws -> JSONObject {
    try JSONValue(parsing: Array(Data(contentsOf: file)), limits: .golden).members
  }
}
