import Testing

@testable import LoadGenerator

@Suite struct ServerSentEventParserTests {
  private func events(_ pieces: [[UInt8]], limit: Int = 1000) throws -> [String] {
    var parser = ServerSentEventParser(maximumEventBytes: limit)
    return try pieces.flatMap { try parser.append($0) }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private func events(_ text: String) throws -> [String] {
    try events([Array(text.utf8)])
  }

  @Test("Events are the same however the stream is cut in two or three")
  func splits() throws {
    let stream = Array(
      "\u{FEFF}data: {\"a\":\"é🙂\"}\n\n: note\r\n\r\nevent: x\rdata:b\rdata\r\rid: 1\n\ndata: [DONE]\r\n\r\n"
        .utf8)
    let expected = ["{\"a\":\"é🙂\"}", "b\n", "[DONE]"]
    #expect(try events([stream]) == expected)
    #expect(try events(stream.map { [$0] }) == expected)
    for first in 0...stream.count {
      for second in first...stream.count {
        let pieces = [stream[..<first], stream[first..<second], stream[second...]].map(Array.init)
        #expect(try events(pieces) == expected, "cut at \(first) and \(second)")
      }
    }
  }

  @Test("Only the first space after the colon is left out")
  func space() throws {
    #expect(try events("data:  x \n\n") == [" x "])
    #expect(try events("data:\n\n") == [""])
  }

  @Test("Fields that only begin like data are none")
  func names() throws {
    #expect(try events("dat: x\n\ndatabase: x\n\n data: x\n\nDATA: x\n\n").isEmpty)
  }

  @Test("An event that the stream ends in is dropped")
  func unfinished() throws {
    #expect(try events("data: x\n\ndata: y\n") == ["x"])
  }

  @Test("An event may have its limit of bytes and not one more")
  func limit() throws {
    let line = Array("data: 1234\n\n".utf8)
    #expect(try events([line, line], limit: 10) == ["1234", "1234"])
    #expect(throws: ServerSentEventParser.EventTooLong(limit: 9)) {
      try events([line], limit: 9)
    }
  }

  @Test("Many short lines of one event count together")
  func manyLines() {
    #expect(throws: ServerSentEventParser.EventTooLong.self) {
      try events([Array(String(repeating: "data\n", count: 2000).utf8)])
    }
  }
}
