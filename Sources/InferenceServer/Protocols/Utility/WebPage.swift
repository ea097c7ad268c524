import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /`: a page on which people talk with the model and watch the engine.
///
/// The files in `Page/` become one document that loads nothing else. The policy sent with it allows its
/// own style and script, by their hashes, and requests to this server, so that nothing that a model
/// writes could ever run.
struct WebPage: Sendable {
  /// The page of this program.
  static let shared = WebPage()

  private let document: ByteBuffer
  private let entityTag: String
  private let headers: HTTPFields

  private init() {
    let style = Self.text(
      PackageResources.base_css, PackageResources.chat_css, PackageResources.engine_css)
    let script = Self.text(
      PackageResources.dom_js, PackageResources.store_js, PackageResources.server_js,
      PackageResources.markdown_js, PackageResources.metrics_js, PackageResources.plot_js,
      PackageResources.engine_js, PackageResources.settings_js, PackageResources.answer_js,
      PackageResources.list_js, PackageResources.chat_js, PackageResources.main_js)
    let page = Self.text(PackageResources.page_html)
      .replacing("<style></style>", with: "<style>\(style)</style>")
      .replacing(
        "<script type=\"module\"></script>", with: "<script type=\"module\">\(script)</script>")
    document = ByteBuffer(string: page)
    entityTag = "\"\(Self.base64(of: page))\""
    headers = [
      .contentType: "text/html; charset=utf-8",
      .cacheControl: "no-cache",
      .eTag: entityTag,
      .contentSecurityPolicy: Self.policy(style: style, script: script),
      .xContentTypeOptions: "nosniff",
      .referrerPolicy: "no-referrer",
      .crossOriginOpenerPolicy: "same-origin",
      .crossOriginResourcePolicy: "same-origin",
    ]
  }

  /// Answers with the page, or with the news that the client's copy is the same.
  func respond(to request: Request) -> Response {
    guard !isKnown(to: request) else { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: document))
  }

  private func isKnown(to request: Request) -> Bool {
    let known = request.headers[.ifNoneMatch] ?? ""
    return known.split(separator: ",").contains { tag in
      let tag = tag.drop { $0 == " " }.prefix { $0 != " " }
      return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == entityTag
    }
  }

  /// What the page may do: run its own script, ask this server, and show its own icon.
  private static func policy(style: String, script: String) -> String {
    [
      "default-src 'none'", "script-src 'sha256-\(base64(of: script))'",
      "style-src 'sha256-\(base64(of: style))'", "connect-src 'self'", "img-src data:",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
      "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
  }

  private static func text(_ files: [UInt8]...) -> String {
    files.map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  private static func base64(of text: String) -> String {
    Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
  }
}
