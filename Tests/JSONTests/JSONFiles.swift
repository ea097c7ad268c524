import Foundation

/// Where the files lie that JSON tests read.
enum JSONFiles {
  /// The folder that holds the package.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// Documents and what Python makes of them.
  static let documents = package.appending(path: "Tests/Goldens/json_documents.json")
  /// The public conformance suite.
  static let suite = package.appending(path: "Tests/Conformance/JSONTestSuite")

  /// The names of the suite's files that start with a letter, in order.
  static func names(startingWith letter: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: suite.path())) ?? []
    return all.filter { $0.hasPrefix("\(letter)_") }.sorted()
  }

  /// The bytes of a file of the suite.
  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: suite.appending(path: name)))
  }
}
