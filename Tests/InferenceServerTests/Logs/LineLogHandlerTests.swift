import Foundation
import Logging
import Testing

@testable import InferenceServer

@Suite("Lines of the log")
struct LineLogHandlerTests {
  private func line(
    _ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]
  ) -> String {
    let handler = LineLogHandler(format: format)
    return String(decoding: handler.line(.info, message, metadata), as: UTF8.self)
  }

  @Test("JSON has the fields with their types, for another reader")
  func json() throws {
    let line = line(
      .json, "request",
      ["status": .stringConvertible(200), "ms": .stringConvertible(1.5), "client": "ann"])
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(Set(document.keys) == ["time", "level", "message", "status", "ms", "client"])
    #expect(document["status"] as? Int == 200)
    #expect(document["ms"] as? Double == 1.5)
    #expect(document["client"] as? String == "ann")
    #expect(document["level"] as? String == "info")
  }

  @Test(
    "Whatever is logged stays on one line and commands no terminal",
    arguments: LogFormat.allCases,
    ["a\nb", "a\r\nb", "\u{1B}[31mred", "\u{9B}31m", "\u{7F}", "\0", "\u{202E}live", "\u{2028}"])
  func oneLine(format: LogFormat, treachery: String) throws {
    let line = line(format, treachery, ["name": "\(treachery)", "\(treachery)": "value"])
    #expect(line.hasSuffix("\n"))
    let inside = line.dropLast().unicodeScalars
    #expect(inside.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    #expect(!inside.contains("\u{202E}") && !inside.contains("\u{2028}"))
    guard format == .json else { return }
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
  }

  @Test("Metadata cannot pass for the message")
  func reserved() throws {
    let line = line(.json, "true", ["message": "false", "level": "error", "time": "never"])
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(document["message"] as? String == "true")
    #expect(document["level"] as? String == "info")
  }

  @Test("Text puts values in quotes only where it must")
  func text() {
    let line = line(.text, "request", ["a": "1", "b": "two words", "c": "x=y", "d": ""])
    #expect(line.hasSuffix(" info request a=1 b=\"two words\" c=\"x=y\" d=\"\"\n"))
  }

  @Test("Times are RFC 3339 in UTC", arguments: [(0, 7, "1970-01-01T00:00:00.007Z")])
  func time(seconds: Int, milliseconds: Int, text: String) {
    #expect(Timestamp.text(seconds: seconds, milliseconds: milliseconds) == text)
  }

  @Test("A log that nobody reads drops lines and tells how many, and never waits")
  func blocked() throws {
    let pipe = Pipe()
    let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let logger = Logger(label: "test") { _ in LineLogHandler(format: .json, sink: sink) }
    // A pipe holds 64 KiB on Linux, and this is many times that.
    for number in 0..<5000 { logger.info("line", metadata: ["number": "\(number)"]) }
    #expect(sink.dropped > 0)
    let before = sink.dropped
    _ = pipe.fileHandleForReading.readData(ofLength: 32 << 10)
    logger.info("after")
    pipe.fileHandleForWriting.closeFile()
    var rest = Data()
    while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty { rest += data }
    let all = String(decoding: rest, as: UTF8.self)
    #expect(all.contains("Log lines were dropped"))
    #expect(all.contains("\"count\":\(before)"))
    #expect(all.contains("\"message\":\"after\""))
  }

  @Test("A line that is too long is cut, and is still a document")
  func long() throws {
    let pipe = Pipe()
    let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let logger = Logger(label: "test") { _ in LineLogHandler(format: .json, sink: sink) }
    var metadata: Logger.Metadata = [:]
    for name in 0..<8 { metadata["f\(name)"] = "\(String(repeating: "x", count: 5000))" }
    logger.info("many", metadata: metadata)
    logger.info("one", metadata: ["f": "\(String(repeating: "\u{1}", count: 5000))"])
    pipe.fileHandleForWriting.closeFile()
    let lines = try pipe.fileHandleForReading.readToEnd()?.split(separator: UInt8(ascii: "\n"))
    #expect(lines?.count == 2)
    for line in lines ?? [] {
      #expect(line.count < 4096)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: line) }
    }
  }
}
