import Foundation
import Testing

@testable import Platform

@Suite("Files as the system tells of them")
struct FileStatusTests {
  private let path = FileManager.default.temporaryDirectory.appending(
    path: "apus-status-\(UUID().uuidString)"
  ).path

  @Test("A file has a size, and is another one after it was replaced")
  func replaced() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: FileStatus.Failure(code: ENOENT)) { try FileStatus(path) }
    try "text".write(toFile: path, atomically: true, encoding: .utf8)
    let first = try FileStatus(path)
    #expect(first.size == 4 && !first.isSocket)
    #expect(try FileStatus(path) == first)
    // The old file keeps its number as long as a link leads to it.
    try FileManager.default.linkItem(atPath: path, toPath: path + ".old")
    defer { try? FileManager.default.removeItem(atPath: path + ".old") }
    try "other".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try FileStatus(path).identity != first.identity)
    #expect(try FileStatus(path + ".old").identity == first.identity)
  }

  @Test("A link is followed unless it is the file that is asked for")
  func links() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/")
    #expect(try FileStatus(path).identity == FileStatus("/").identity)
    #expect(try FileStatus(path, followsLinks: false).identity != FileStatus("/").identity)
  }

  @Test(
    "A prefix in bytes ends between characters",
    arguments: [(0, ""), (1, "a"), (2, "a"), (3, "aé"), (9, "aéb")])
  func prefix(bytes: Int, text: String) {
    #expect("aéb".prefix(bytes: bytes) == text)
  }
}
