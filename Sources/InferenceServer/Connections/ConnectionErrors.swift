import HTTPTypes
import JSON
import NIOHTTP1

/// What a connection answers before any route sees the request.
extension APIError {
  /// A head that did not arrive in time.
  static let headTooSlow = APIError(
    status: .requestTimeout, message: "the head of the request did not arrive in time",
    code: "request_timeout")

  /// A body that did not arrive in time.
  static let bodyTooSlow = APIError(
    status: .requestTimeout, message: "the body of the request arrived too slowly",
    code: "request_timeout")

  /// A target beyond the limit.
  static func targetTooLong(limit: Int) -> APIError {
    APIError(
      status: .uriTooLong, message: "the request's target may have at most \(limit) bytes",
      code: "target_too_long")
  }

  /// A head beyond the limits.
  static func headTooLarge(_ limits: ConnectionLimits) -> APIError {
    APIError(
      status: .requestHeaderFieldsTooLarge,
      message: "the request's head is too large; it may have \(limits.fields) fields of"
        + " \(limits.fieldBytes) bytes, and \(limits.headBytes) bytes together",
      code: "headers_too_large")
  }

  /// A method that no address knows.
  static let unknownMethod = APIError(
    status: .methodNotAllowed, message: "no address here answers to this method",
    code: "method_not_allowed", headers: [.allow: "GET, HEAD, OPTIONS, POST"])

  /// A version of HTTP that is not spoken here.
  static let unknownVersion = APIError(
    status: .httpVersionNotSupported, message: "this server speaks HTTP/1.1 and HTTP/1.0",
    code: "http_version_not_supported")

  /// Bytes that are no request.
  static let noHTTP = APIError(
    status: .badRequest, message: "this is not a valid HTTP request", code: "invalid_request")

  /// A refusal of a connection itself, of which the client's address has too many.
  static func tooManyConnections(limit: Int) -> APIError {
    APIError(
      status: .tooManyRequests,
      message: "this address may have at most \(limit) connections at a time",
      type: "rate_limit_error", code: "too_many_connections", headers: [.retryAfter: "1"])
  }

  /// A refusal of a connection itself, because all others are in use.
  static let allConnectionsBusy = APIError.overloaded("all connections are in use")

  /// What an error of the decoder is to a client, whose first line was like this.
  init(_ error: HTTPParserError, line: RequestLine, limits: ConnectionLimits) {
    self =
      switch error {
      case .headerOverflow where line.length > limits.targetBytes:
        .targetTooLong(limit: limits.targetBytes)
      case .headerOverflow: .headTooLarge(limits)
      case .invalidVersion: .unknownVersion
      case .invalidMethod where line.hasForm: .unknownMethod
      default: .noHTTP
      }
  }

  /// The whole answer, with which the connection ends.
  func farewell() -> (head: HTTPResponseHead, body: [UInt8]) {
    var json = JSONWriter()
    write(to: &json)
    var fields = HTTPHeaders(headers.map { ($0.name.rawName, $0.value) })
    fields.replaceOrAdd(name: "Connection", value: "close")
    fields.add(name: "Content-Type", value: "application/json")
    fields.add(name: "Content-Length", value: "\(json.bytes.count)")
    let status = HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase)
    return (HTTPResponseHead(version: .http1_1, status: status, headers: fields), json.bytes)
  }
}
