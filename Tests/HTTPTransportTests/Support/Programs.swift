import Foundation

/// A folder for one test, removed with it.
final class Folder: Sendable {
  let url: URL

  init() {
    url = FileManager.default.temporaryDirectory.appending(
      path: "apus-\(UUID().uuidString.prefix(8))")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { url.appending(path: name).path }
}

/// A program that ended with another status than 0.
struct ProgramFailure: Error {
  let arguments: [String]
  let status: Int32
  let output: String
}

/// Runs a program to its end and returns what it wrote.
@discardableResult
func output(of program: String, _ arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [program] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  let text = String(decoding: bytes, as: UTF8.self)
  guard process.terminationStatus == 0 else {
    throw ProgramFailure(
      arguments: [program] + arguments, status: process.terminationStatus, output: text)
  }
  return text
}

/// Runs a program that talks with a server of this process, which needs the threads of tasks itself.
func output(beside program: String, _ arguments: [String]) async throws -> String {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue(label: "program").async {
      continuation.resume(with: Result { try output(of: program, arguments) })
    }
  }
}

/// Asks with curl.
func curl(_ arguments: String...) async throws -> String {
  try await output(beside: "curl", ["--silent", "--show-error", "--max-time", "20"] + arguments)
}

/// Whether a program is there.
func hasProgram(_ name: String) -> Bool {
  (try? output(of: "sh", ["-c", "command -v \(name)"])) != nil
}
