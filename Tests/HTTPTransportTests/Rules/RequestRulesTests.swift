import HTTPTestSupport
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPTransport

@Suite("Rules of requests, over both protocols", .timeLimit(.minutes(1)))
struct RequestRulesTests {
  private static let plain = RequestCase("a request", 200)

  private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  private static func method(_ name: String, _ status: Int) -> RequestCase {
    RequestCase("the method \(name)", status).with { $0.method = name }
  }

  private static func target(_ text: String, _ status: Int = 400) -> RequestCase {
    RequestCase("the target \(text.prefix(20)) of \(text.utf8.count) bytes", status)
      .with { $0.target = text }
  }

  private static func hosts(_ hosts: [String], _ status: Int) -> RequestCase {
    RequestCase("the hosts \(hosts)", status).with { $0.hosts = hosts }
  }

  private static func fields(
    _ name: String, _ status: Int, _ fields: [(String, String)]
  ) -> RequestCase {
    RequestCase(name, status).with { $0.fields = fields }
  }

  private static let cases: [RequestCase] =
    [
      plain, method("GET", 200), method("HEAD", 200), method("PUT", 200), method("PATCH", 200),
      method("DELETE", 200), method("OPTIONS", 200), method("TRACE", 405), method("BREW", 405),
      method("PROPFIND", 405), method("get", 400),
      target("/v1/models/org%2Ftiny?a=//../", 200), target("/a/", 200),
      target("/" + text(8191), 200),
      target("/" + text(8192), 414), target("/v1/../metrics"),
      target("/v1/%2e%2e/health"), target("/health%00"), target("/%c0%af"),
      target("/health%zz"), target("/health#a"), target("*"),
      hosts(["LOCALHOST:80"], 200), hosts(["[::1]:80"], 200), hosts(["evil@localhost"], 400),
      hosts(["localhost", "evil"], 400), hosts(["local/host"], 400),
      fields("a length of 0", 200, [("Content-Length", "0")]),
      fields("a length at the limit", 200, [("Content-Length", "0"), ("X-Length", "8388608")]),
      fields("a length beyond the limit", 413, [("Content-Length", "8388609")]),
      fields("a length beyond all limits", 413, [("Content-Length", "9223372036854775807")]),
      fields("no encoding", 200, [("Content-Encoding", "Identity")]),
      fields("an encoding", 415, [("Content-Encoding", "gzip")]),
      fields("two encodings", 415, [("Content-Encoding", "identity"), ("content-encoding", "br")]),
      fields("an unknown expectation", 417, [("Expect", "999-foo")]),
      fields("a field that is not ASCII", 200, [("X-Title", "caf\u{E9}")]),
      hosts(["caf\u{E9}"], 400), target("//v1//models//", 200), target("//../models"),
      fields("100 fields", 200, Array(repeating: ("X", "y"), count: 99)),
      fields("101 fields", 431, Array(repeating: ("X", "y"), count: 100)),
      fields("a field of 16 KiB", 200, [("X", text(16_383))]),
      fields("a field of 16 KiB and a byte", 431, [("X", text(16_384))]),
      // "/a", Host, and three fields with names of one byte.
      fields("a head of 32 KiB", 200, head(32_768 - 2 - 13 - 3)),
      fields("a head of 32 KiB and a byte", 431, head(32_768 - 2 - 13 - 3 + 1)),
    ]

  private static func head(_ count: Int) -> [(String, String)] {
    [("A", text(10_000)), ("B", text(10_000)), ("C", text(count - 20_000))]
  }

  @Test("HTTP/1.1 answers with the right status", arguments: cases)
  func http1(request: RequestCase) throws {
    let connection = try EmbeddedConnection()
    connection.send(request.http1)
    if connection.requests.isEmpty {
      #expect(connection.sent.contains(#"{"error":{"message":"#))
    } else {
      connection.answer()
    }
    #expect(connection.statuses == [request.status])
    #expect(connection.isOpen == (request.status == 200))
  }

  @Test("HTTP/2 answers with the same one", arguments: cases)
  func http2(request: RequestCase) async throws {
    let http = try await HTTP2Harness(TestRoutes.server)
    for frame in request.http2 { try await http.send(frame) }
    let end = try await http.next([.headers, .reset], 1)
    if end.matches(.reset) {
      // What is no request at all in HTTP/2 has no answer there.
      #expect(end.reason == .protocolError && request.status == 400)
    } else {
      #expect(end.status == request.status)
      if request.status != 200 {
        #expect(try await http.body().contains(#"{"error":{"message":"#))
      }
    }
    // Other streams are none the worse for it.
    try await http.send(.head(3))
    #expect(try await http.next(.headers, 3).status != nil)
  }

  @Test("A body beyond the limit is refused wherever its length was not told", arguments: [0, 1])
  func body(beyond: Int) async throws {
    var limits = ConnectionLimits()
    limits.bodyBytes = 40_000
    let rules = RequestRules(limits: limits)
    let request = RequestCase("", beyond == 0 ? 200 : 413).with {
      $0.body = Self.text(limits.bodyBytes + beyond)
    }
    let connection = try EmbeddedConnection(rules)
    connection.send(request.http1)
    if connection.statuses.isEmpty { connection.answer() }
    #expect(connection.statuses == [request.status])
    let http = try await HTTP2Harness(TestRoutes.server, rules: rules)
    for frame in request.http2 { try await http.send(frame) }
    #expect(try await http.next(.headers).status == request.status)
  }

  @Test("Where there is no room, health is answered and all else refused, and the connection ends")
  func restriction() async throws {
    let rules = RequestRules(
      limits: ConnectionLimits(), vitalPaths: ["/health/live", "/v1/health/live"],
      restriction: .allConnectionsBusy)
    let vital = RequestCase("", 200).with {
      $0.method = "GET"
      $0.target = "/v1/health/live?a"
    }
    for request in [vital, RequestCase("", 503)] {
      let connection = try EmbeddedConnection(rules)
      connection.send(request.http1 + request.http1)
      if connection.statuses.isEmpty { connection.answer() }
      #expect(connection.statuses == [request.status] && !connection.isOpen)
      #expect(connection.sent.contains("Retry-After: 1\r\n") == (request.status == 503))
      let http = try await HTTP2Harness(TestRoutes.server, rules: rules)
      for frame in request.http2 { try await http.send(frame) }
      #expect(try await http.next(.headers).status == request.status)
      #expect(try await http.next(.goAway).reason == .noError)
    }
  }

  @Test("HTTP/1.0 and 1.1 are spoken, and the former has no chunks")
  func versions() {
    let versions = [(1, 0), (1, 1), (1, 2), (0, 9), (2, 0)]
    let statuses = versions.map { major, minor in
      refusal(version: HTTPVersion(major: major, minor: minor))
    }
    #expect(statuses == [nil, nil, 505, 505, 505])
    #expect(refusal(version: .http1_0, fields: [("Transfer-Encoding", "chunked")]) == 400)
  }

  @Test(
    "What only HTTP/1 can say has its own rules",
    arguments: [
      ("/a", ["Transfer-Encoding": "Chunked"], nil),
      ("/a", ["Transfer-Encoding": "gzip, chunked"], 501),
      ("/a", ["Transfer-Encoding": "identity, chunked"], 501),
      ("/a", ["Transfer-Encoding": "xchunked"], 501),
      ("http://LOCALHOST/a", [:], nil), ("http://evil.example/a", [:], 400),
    ] as [(String, [String: String], Int?)])
  func http1Only(target: String, fields: [String: String], status: Int?) {
    #expect(refusal(target: target, fields: fields.map { ($0, $1) }) == status)
  }

  private func refusal(
    target: String = "/a", version: HTTPVersion = .http1_1, fields: [(String, String)] = []
  ) -> Int? {
    let head = HTTPRequestHead(
      version: version, method: .POST, uri: target,
      headers: HTTPHeaders([("Host", "localhost")] + fields))
    do {
      _ = try RequestRules(limits: ConnectionLimits()).check(head)
      return nil
    } catch {
      return error.reason.status.code
    }
  }
}
