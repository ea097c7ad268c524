import HTTPTypes
import Hummingbird
import NIOCore
import WebPage

/// `GET /`: the page on which people talk with the model and watch the engine.
struct PageRoute: Sendable {
  /// The page of this program.
  static let shared = PageRoute(.shared)

  private let document: ByteBuffer
  private let entityTag: String
  private let headers: HTTPFields

  private init(_ page: WebPage) {
    document = ByteBuffer(string: page.document)
    entityTag = "\"\(page.digest)\""
    headers = [
      .contentType: "text/html; charset=utf-8",
      .cacheControl: "no-cache",
      .eTag: entityTag,
      .contentSecurityPolicy: page.policy,
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
}
