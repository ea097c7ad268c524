import Testing

@testable import InferenceServer

@Suite("Patterns of origins")
struct OriginPatternTests {
  @Test(
    "A pattern matches the origins that it describes, and no others",
    arguments: [
      ("*", "https://a.example", true), ("null", "null", true), ("null", "https://null", false),
      ("https://chat.example", "https://chat.example", true),
      ("https://Chat.Example", "https://chat.example", true),
      ("https://chat.example", "http://chat.example", false),
      ("https://chat.example", "https://chat.example:8443", false),
      ("https://chat.example", "https://a.chat.example", false),
      ("http://localhost:*", "http://localhost:3000", true),
      ("http://localhost:*", "http://localhost", true),
      ("http://localhost:*", "http://localhost.evil.example:3000", false),
      ("http://[::1]:*", "http://[::1]:5000", true),
      ("https://*.chat.example", "https://a.b.chat.example", true),
      ("https://*.chat.example", "https://chat.example", false),
      ("https://*.chat.example", "https://evilchat.example", false),
      ("https://*.chat.example:*", "https://a.chat.example:1", true),
    ])
  func matches(pattern: String, origin: String, matches: Bool) throws {
    #expect(try #require(OriginPattern(pattern)).matches(origin) == matches)
  }

  @Test(
    "What no page can match is no pattern",
    arguments: [
      "localhost", "localhost:3000", "", "://a", "http://", "http://a/", "http://a/b", "http://a?b",
      "http://a:", "http://a:x", "http://u@a", "http://*", "http://a.*.b", "http://*.",
      "http://[::1",
    ])
  func refused(pattern: String) {
    #expect(OriginPattern(pattern) == nil)
  }
}
