import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Platform
import Testing

@testable import InferenceServer

@Suite("The page")
struct PageRouteTests {
  private let server = InferenceServer(FakeService(events: .tokensThenEnd("H")))

  @Test("The page is HTML that browsers ask for again each time")
  func page() async throws {
    let response = try await server.answer(.get, "/")
    #expect(response.status == .ok)
    #expect(response.headers[.contentType] == "text/html; charset=utf-8")
    #expect(response.headers[.cacheControl] == "no-cache")
    #expect(response.headers[.xContentTypeOptions] == "nosniff")
    #expect(response.headers[.referrerPolicy] == "no-referrer")
    #expect(response.text.hasPrefix("<!doctype html>"))
    #expect(response.text.hasSuffix("</html>\n"))
  }

  @Test("The policy allows the page's own style and script by their hashes, and nothing else")
  func policy() async throws {
    let response = try await server.answer(.get, "/")
    let policy = try #require(response.headers[.contentSecurityPolicy])
    let directives = policy.components(separatedBy: "; ")
    let style = try hash(of: /<style>(.*?)<\/style>/, in: response.text)
    let script = try hash(of: /<script type="module">(.*?)<\/script>/, in: response.text)
    #expect(
      Set(directives) == [
        "default-src 'none'", "script-src '\(script)'", "style-src '\(style)'",
        "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
      ])
  }

  @Test("The page names nothing to load, and no handlers or styles in attributes")
  func alone() async throws {
    let page = try await server.answer(.get, "/").text
    #expect(page.matches(of: /<(script|style)\b/).count == 2)
    #expect(page.firstMatch(of: /\b(src|srcset|action|style|on[a-z]+)="/) == nil)
    let addresses = page.matches(of: /\bhref="([^"]*)"/).map(\.output.1)
    #expect(!addresses.isEmpty)
    for address in addresses {
      #expect(address.hasPrefix("#") || address.hasPrefix("data:image/svg+xml,"))
    }
  }

  @Test(
    "A copy that is the same is not sent again",
    arguments: ["%", "W/%", "\"other\", %", "\"other\" , W/% , \"third\"", "*"])
  func notModified(condition: String) async throws {
    let page = try await server.answer(.get, "/")
    let tag = try #require(page.headers[.eTag])
    let headers: HTTPFields = [.ifNoneMatch: condition.replacing("%", with: tag)]
    for method in [HTTPRequest.Method.get, .head] {
      let again = try await server.answer(method, "/", headers: headers)
      #expect(again.status == .notModified)
      #expect(again.headers[.eTag] == tag)
      #expect(again.headers[.cacheControl] == "no-cache")
      #expect(again.body.readableBytes == 0)
    }
  }

  @Test("Another copy is replaced", arguments: ["\"other\"", "", "W/\"other\"", "other", ","])
  func modified(condition: String) async throws {
    let response = try await server.answer(.get, "/", headers: [.ifNoneMatch: condition])
    #expect(response.status == .ok)
    #expect(response.body.readableBytes > 0)
  }

  @Test("HEAD tells the length and sends nothing; other methods are refused")
  func methods() async throws {
    let page = try await server.answer(.get, "/")
    let head = try await server.answer(.head, "/")
    #expect(head.status == .ok)
    #expect(head.body.readableBytes == 0)
    #expect(head.headers[.contentLength] == "\(page.body.readableBytes)")
    #expect(head.headers[.contentSecurityPolicy] == page.headers[.contentSecurityPolicy])
    let post = try await server.answer(.post, "/", "a=b")
    #expect(post.status == .methodNotAllowed)
    #expect(post.headers[.allow] == "GET, HEAD, OPTIONS")
  }

  @Test("A page of another origin cannot read it")
  func origin() async throws {
    let response = try await server.answer(.get, "/", headers: [.origin: "https://evil.example"])
    #expect(response.status == .forbidden)
    #expect(!response.text.contains("<"))
  }

  private func hash(of pattern: Regex<(Substring, Substring)>, in page: String) throws -> String {
    let found = page.matches(of: pattern.dotMatchesNewlines())
    #expect(found.count == 1)
    let text = try #require(found.first).output.1
    return "sha256-" + Data(SHA256.hash(text.utf8)).base64EncodedString()
  }
}
