import Testing

@testable import LoadGenerator

@Suite struct EndpointTests {
  @Test(
    "URLs have a host, a port and a path",
    arguments: [
      ("http://127.0.0.1:8080/v1", "127.0.0.1", 8080, "/v1"),
      ("http://localhost", "localhost", 80, "/v1"),
      ("HTTP://a.example/", "a.example", 80, "/v1"),
      ("http://a.example:1/openai/v1//", "a.example", 1, "/openai/v1"),
      ("http://[::1]:65535/x", "::1", 65_535, "/x"),
      ("http://[::1]", "::1", 80, "/v1"),
    ])
  func good(url: String, host: String, port: Int, path: String) throws {
    let endpoint = try Endpoint(url: url)
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(endpoint.path == path)
  }

  @Test(
    "What is not a URL over http is refused",
    arguments: [
      "", "127.0.0.1:8080", "http://", "http://:80", "http://a:0", "http://a:65536", "http://a:",
      "http://a:1:2", "http://a:x", "http://[::1", "http://[a]:1", "http://[::1]x", "http://u@a/",
      "http://a/?q", "http://a/#f", "http://a b/", "http://a/\r\nX: y", "ftp://a", "http://a:-1",
    ])
  func bad(url: String) {
    #expect(throws: LoadError.self) { try Endpoint(url: url) }
  }

  @Test("https is named as what is missing")
  func https() {
    let error = #expect(throws: LoadError.self) { try Endpoint(url: "https://a.example/v1") }
    #expect(error?.description.contains("https is not supported") == true)
  }

  @Test("The Host header has brackets where the address needs them, and no port 80")
  func authority() throws {
    #expect(try Endpoint(url: "http://[::1]:81").authority == "[::1]:81")
    #expect(try Endpoint(url: "http://a.example:80").authority == "a.example")
  }

  @Test("Headers are split at the first colon")
  func headers() throws {
    let field = try HeaderField(parsing: "X-Name:  a: b")
    #expect(field.name == "X-Name" && field.value == "a: b")
    #expect(try HeaderField(parsing: "X:").value == "")
  }

  @Test(
    "Headers that could split a request are refused",
    arguments: ["", "X", ": a", "X Y: a", "X: a\r\nY: b", "X: a\u{0}", "X\n: a"])
  func badHeaders(line: String) {
    #expect(throws: LoadError.self) { try HeaderField(parsing: line) }
  }
}
