import HTTPTypes
import NIOHTTP1
import Testing

@testable import InferenceServer

@Suite("Rules for the heads of requests")
struct RequestHeadRulesTests {
  private let limits = ConnectionLimits()

  @Test(
    "Each rule has a status of its own",
    arguments: [
      ([], nil), ([("Content-Length", "0")], nil), ([("Transfer-Encoding", "Chunked")], nil),
      ([("Expect", "100-Continue")], nil), ([("Content-Encoding", "identity")], nil),
      ([("Transfer-Encoding", "gzip, chunked")], 501),
      ([("Transfer-Encoding", "identity, chunked")], 501),
      ([("Transfer-Encoding", "xchunked")], 501),
      ([("Content-Encoding", "gzip")], 415),
      ([("Content-Encoding", "identity"), ("Content-Encoding", "gzip")], 415),
      ([("Expect", "999-foo")], 417),
      ([("Content-Length", "18446744073709551615")], 413), ([("X-Title", "caf\u{E9}")], 400),
    ] as [([(String, String)], Int?)])
  func fields(fields: [(String, String)], status: Int?) {
    #expect(refusal(fields: fields) == status)
  }

  @Test(
    "Methods that no address knows are refused",
    arguments: [
      (HTTPMethod.GET, nil), (.HEAD, nil), (.POST, nil), (.PUT, nil), (.PATCH, nil), (.DELETE, nil),
      (.OPTIONS, nil), (.CONNECT, 405), (.TRACE, 405), (.PROPFIND, 405), (.RAW(value: "PRI"), 405),
    ])
  func methods(method: HTTPMethod, status: Int?) {
    #expect(refusal(method) == status)
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

  @Test("A target may have 8 KiB", arguments: [(-1, nil), (0, nil), (1, 414)])
  func target(beyond: Int, status: Int?) {
    let target = "/" + String(repeating: "a", count: (8 << 10) - 1 + beyond)
    #expect(refusal(target: target) == status)
  }

  @Test(
    "A field may have 16 KiB, name and value together", arguments: [(-1, nil), (0, nil), (1, 431)])
  func field(beyond: Int, status: Int?) {
    let value = String(repeating: "a", count: (16 << 10) - 1 + beyond)
    #expect(refusal(fields: [("A", value)]) == status)
  }

  @Test("A body may have 8 MiB", arguments: [(-1, nil), (0, nil), (1, 413)])
  func body(beyond: Int, status: Int?) {
    #expect(refusal(fields: [("Content-Length", "\((8 << 20) + beyond)")]) == status)
  }

  @Test("A target may name the host, but only the one that Host names")
  func authority() {
    #expect(refusal(target: "http://LOCALHOST/a") == nil)
    #expect(refusal(target: "http://evil.example/a") == 400)
  }

  private func refusal(
    _ method: HTTPMethod = .POST, target: String = "/a", version: HTTPVersion = .http1_1,
    fields: [(String, String)] = []
  ) -> Int? {
    let head = HTTPRequestHead(
      version: version, method: method, uri: target,
      headers: HTTPHeaders([("Host", "localhost")] + fields))
    do {
      try RequestHeadRules(limits: limits).check(head)
      return nil
    } catch {
      return error.status.code
    }
  }
}
