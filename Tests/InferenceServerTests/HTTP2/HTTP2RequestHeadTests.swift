import CNGHTTP2
import HTTPTypes
import Testing

@testable import InferenceServer

@Suite("Heads of HTTP/2 requests")
struct HTTP2RequestHeadTests {
  private func head(_ fields: [(String, String)]) -> HTTP2RequestHead {
    var head = HTTP2RequestHead()
    for (name, value) in fields {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { head.add(name: name, value: $0) }
      }
    }
    return head
  }

  private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test("A head becomes a request")
  func request() throws {
    let head = head(TestFrame.get + [("accept", "a"), ("accept", "b")])
    let request = try #require(head.request)
    #expect(request.method == .get)
    #expect(request.path == "/health/live")
    #expect(request.authority == "localhost")
    #expect(request.headerFields[values: .accept] == ["a", "b"])
  }

  @Test("A host stands for the authority, unless there is another one")
  func host() throws {
    let rest = Array(TestFrame.get.prefix(3))
    #expect(head(rest + [("host", "a")]).request?.authority == "a")
    #expect(head(rest + [("host", "a")]).request?.headerFields.isEmpty == true)
    let both = try #require(head(rest + [(":authority", "a"), ("host", "b")]).request)
    #expect(both.authority == "a")
    #expect(both.headerFields.map(\.value) == ["b"])
  }

  @Test("The number of fields, their sizes and the address are limited")
  func limits() {
    let fields = [("a", "b")]
    #expect(head(Array(repeatElement(fields, count: 99).joined())).fault == nil)
    #expect(head(Array(repeatElement(fields, count: 100).joined())).fault == nil)
    #expect(head(Array(repeatElement(fields, count: 101).joined())).fault == .tooLarge)
    #expect(head([("a", text(16_383))]).fault == nil)
    #expect(head([("a", text(16_384))]).fault == .tooLarge)
    #expect(head([(":path", text(8191))]).fault == nil)
    #expect(head([(":path", text(8192))]).fault == nil)
    #expect(head([(":path", text(8193))]).fault == .targetTooLong)
    // 32 bytes more for each of three fields.
    #expect(head([("a", text(16_000)), ("b", text(16_000)), ("c", text(669))]).fault == nil)
    #expect(head([("a", text(16_000)), ("b", text(16_000)), ("c", text(670))]).fault == .tooLarge)
  }

  @Test(
    "What cannot be a field is refused and harms nobody",
    arguments: [
      ("", "a"), ("a b", "c"), ("a\u{0}", "b"), ("ä", "b"), (":", "a"), (":status", "200"),
      ("a", "b\r\nc"), ("a", "\u{0}"), ("a", " b"), (":protocol", "x"),
    ])
  func malformed(field: (String, String)) {
    let head = head(TestFrame.get + [field])
    #expect(head.fault == .malformed)
    #expect(head.request == nil)
  }

  @Test("More fields than a list can have do not end the process")
  func countless() {
    #expect(head(Array(repeating: ("a", ""), count: 70_000)).fault == .tooLarge)
  }

  @Test("A method must be a word", arguments: ["", "G T", "GET\r", "ä"])
  func method(name: String) {
    #expect(head([(":method", name)] + TestFrame.get.dropFirst()).request == nil)
  }

  @Test("An answer's head leaves out what HTTP/2 forbids, and lengths of bodies that cannot be")
  func answers() {
    #expect(
      names(.ok, [.connection: "close", .contentLength: "1", .transferEncoding: "chunked"])
        == [":status", "content-length"])
    #expect(names(.noContent, [.contentLength: "0", .allow: "GET"]) == [":status", "allow"])
    #expect(names(.notModified, [.contentLength: "0"]) == [":status"])
  }

  private func names(_ status: HTTPResponse.Status, _ fields: HTTPFields) -> [String] {
    var block = HeaderBlock(HTTPResponse(status: status, headerFields: fields))
    return block.withFields { fields, count in
      UnsafeBufferPointer(start: fields, count: count).map { field in
        String(
          decoding: UnsafeBufferPointer(start: field.name, count: field.namelen), as: UTF8.self)
      }
    }
  }
}
