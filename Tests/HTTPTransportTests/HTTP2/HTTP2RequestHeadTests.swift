import CNGHTTP2
import HTTPTestSupport
import HTTPTypes
import Testing

@testable import HTTPTransport

@Suite("Heads of HTTP/2 requests")
struct HTTP2RequestHeadTests {
  private func head(_ fields: [(String, String)]) -> HTTP2RequestHead {
    var head = HTTP2RequestHead(RequestRules(limits: ConnectionLimits()))
    for (name, value) in fields {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { head.add(name: name, value: $0) }
      }
    }
    head.finish()
    return head
  }

  @Test("A head becomes a request")
  func request() throws {
    let head = head(TestFrame.get + [("accept", "a"), ("accept", "b")])
    let request = try #require(head.request)
    #expect(request.method == .get)
    #expect(request.path == "/health/live")
    #expect(request.authority == "localhost")
    #expect(request.headerFields[values: .accept] == ["a", "b"])
  }

  @Test("A host stands for the authority, and says no other one")
  func host() throws {
    let rest = Array(TestFrame.get.prefix(3))
    #expect(head(rest + [("host", "a")]).request?.authority == "a")
    #expect(head(rest + [("host", "a")]).request?.headerFields.isEmpty == true)
    let both = try #require(head(rest + [(":authority", "a"), ("host", "A")]).request)
    #expect(both.authority == "a" && both.headerFields.isEmpty)
    #expect(head(rest + [(":authority", "a"), ("host", "b")]).check.refusal?.reason == .invalid)
    #expect(head(rest).check.refusal?.reason == .invalid)
  }

  @Test("A target is a path, and a scheme one of two", arguments: ["http://localhost/a", "a", "*"])
  func target(path: String) {
    let rest = [TestFrame.get[0], TestFrame.get[1], TestFrame.get[3]]
    #expect(head(rest + [(":path", path)]).check.refusal?.reason == .invalid)
    let scheme = [TestFrame.get[0], (":scheme", "ftp"), TestFrame.get[2], TestFrame.get[3]]
    #expect(head(scheme).check.refusal?.reason == .invalid)
  }

  @Test(
    "What cannot be a field is refused and harms nobody",
    arguments: [
      ("", "a"), ("a b", "c"), ("a\u{0}", "b"), ("ä", "b"), (":", "a"), (":status", "200"),
      ("a", "b\r\nc"), ("a", "\u{0}"), ("a", " b"), (":protocol", "x"),
    ])
  func malformed(field: (String, String)) {
    let head = head(TestFrame.get + [field])
    #expect(head.isMalformed)
    #expect(head.request == nil)
  }

  @Test("More fields than a list can have do not end the process")
  func countless() {
    let head = head(Array(repeating: ("a", ""), count: 70_000))
    #expect(head.check.refusal?.reason == .headTooLarge)
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
