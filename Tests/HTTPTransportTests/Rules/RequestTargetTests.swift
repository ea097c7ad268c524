import Testing

@testable import HTTPTransport

@Suite("Targets of requests")
struct RequestTargetTests {
  @Test(
    "Paths in their plain form are read",
    arguments: [
      ("/", "/"), ("/v1/models", "/v1/models"), ("/v1/models/", "/v1/models/"),
      ("/a?b=//../%00", "/a"), ("/v1/models/org%2Ftiny", "/v1/models/org%2Ftiny"),
      ("/%C3%BC", "/%C3%BC"), ("/...", "/..."), ("/a.b", "/a.b"),
      ("http://localhost:8080/health", "/health"), ("HTTP://localhost", "/"),
      ("http://localhost?a", "/"), ("//v1", "/v1"), ("/v1//models", "/v1/models"), ("//", "/"),
      ("/v1/models//", "/v1/models/"), ("http://localhost//a", "/a"),
      ("///v1///models?a", "/v1/models"),
    ])
  func plain(text: String, path: String) throws {
    #expect(try #require(RequestTarget(text)).path == path)
  }

  @Test(
    "What another program could take for another path is refused",
    arguments: [
      "", "*", "health", "/v1/../health", "//..//v1", "/v1/./models", "/..", "/%2e%2e/a",
      "/.%2E", "/%2e", "/a%00b", "/%0d%0a", "/%7f", "/%c0%af", "/%ff", "/%", "/%2", "/%zz", "/%+1",
      "/a#b", "/a b", "/a\tb", "/a\u{0}", "/ü", "/a\u{7F}", "http:///a", "http://", "ftp://a/b",
      "localhost:80",
    ])
  func refused(text: String) {
    #expect(RequestTarget(text) == nil)
  }

  @Test("The host of a whole address is told")
  func authority() {
    #expect(RequestTarget("http://a.example:80/b?c")?.authority == "a.example:80")
    #expect(RequestTarget("/b")?.authority == nil)
  }
}
