import HTTPTypes
import NIOHTTP1

/// What a request's head must be like, beyond what the decoder already insists on.
///
/// Most rules are about messages that a proxy in front could read in another way than this server: such
/// a difference smuggles requests past the proxy's own checks.
struct RequestHeadRules {
  /// The sizes.
  let limits: ConnectionLimits

  private static let methods: [HTTPMethod] = [
    .GET, .HEAD, .POST, .PUT, .PATCH, .DELETE, .OPTIONS,
  ]

  /// Throws what is to be answered to a head that breaks a rule.
  func check(_ head: HTTPRequestHead) throws(APIError) {
    guard head.version == .http1_1 || head.version == .http1_0 else { throw .unknownVersion }
    guard Self.methods.contains(head.method) else { throw .unknownMethod }
    try checkTarget(head)
    try checkFields(head.headers)
    try checkFraming(head)
    try checkBody(head.headers)
  }

  /// The bytes of a body, where the head tells them.
  static func contentLength(_ headers: HTTPHeaders) -> Int? {
    headers.first(name: "Content-Length").map { Int($0) ?? .max }
  }

  private func checkTarget(_ head: HTTPRequestHead) throws(APIError) {
    guard head.uri.utf8.count <= limits.targetBytes else {
      throw .targetTooLong(limit: limits.targetBytes)
    }
    guard let target = RequestTarget(head.uri) else {
      throw .invalid(nil, "the request's target is not a path in its plain form")
    }
    if let authority = target.authority,
      authority.lowercased() != head.headers.first(name: "Host")?.lowercased()
    {
      throw .invalid(nil, "the request's target and its Host header name different hosts")
    }
  }

  private func checkFields(_ headers: HTTPHeaders) throws(APIError) {
    for (name, value) in headers {
      // The decoder limits name and value by themselves.
      guard name.utf8.count + value.utf8.count <= limits.fieldBytes else {
        throw .headTooLarge(limits)
      }
      guard value.utf8.allSatisfy({ $0 < 0x80 }) else {
        throw .invalid(nil, "header fields must be ASCII")
      }
    }
  }

  private func checkFraming(_ head: HTTPRequestHead) throws(APIError) {
    guard let coding = head.headers.first(name: "Transfer-Encoding") else { return }
    guard head.version == .http1_1 else {
      throw .invalid(nil, "HTTP/1.0 knows no Transfer-Encoding")
    }
    guard coding.lowercased() == "chunked" else {
      throw APIError(
        status: .notImplemented, message: "the only Transfer-Encoding known here is chunked",
        code: "unsupported_transfer_encoding")
    }
  }

  private func checkBody(_ headers: HTTPHeaders) throws(APIError) {
    guard headers["Content-Encoding"].allSatisfy({ $0.lowercased() == "identity" }) else {
      throw APIError(
        status: .unsupportedMediaType,
        message: "bodies must be sent as they are, without Content-Encoding",
        code: "unsupported_content_encoding")
    }
    if let length = Self.contentLength(headers), length > limits.bodyBytes {
      throw .tooLarge(limit: limits.bodyBytes)
    }
    guard headers["Expect"].allSatisfy({ $0.lowercased() == "100-continue" }) else {
      throw APIError(
        status: .expectationFailed, message: "the only expectation known here is 100-continue",
        code: "expectation_failed")
    }
  }
}
