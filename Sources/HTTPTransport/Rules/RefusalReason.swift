package import HTTPTypes

/// Why a request is refused before any route sees it; the raw value is the error's code, and what it is
/// counted as.
package enum RefusalReason: String, Hashable, Sendable, CaseIterable {
  /// It is no valid request, or one that programs could read in different ways.
  case invalid = "invalid_request"
  /// No address answers to the method.
  case method = "method_not_allowed"
  /// The head or the body did not arrive in time.
  case timeout = "request_timeout"
  /// The body exceeds the limit.
  case bodyTooLarge = "request_too_large"
  /// The target exceeds the limit.
  case targetTooLong = "target_too_long"
  /// The body is encoded.
  case contentEncoding = "unsupported_content_encoding"
  /// The client expects something that is not known.
  case expectation = "expectation_failed"
  /// The client's address has reached its limit of connections.
  case addressConnections = "too_many_connections"
  /// The head has too many fields, or too long ones.
  case headTooLarge = "headers_too_large"
  /// The body is transferred in a way that is not known.
  case transferEncoding = "unsupported_transfer_encoding"
  /// All connections are in use.
  case connections = "server_is_overloaded"
  /// The version of HTTP is not spoken here.
  case version = "http_version_not_supported"

  /// The status of the answer.
  package var status: HTTPResponse.Status {
    switch self {
    case .invalid: .badRequest
    case .method: .methodNotAllowed
    case .timeout: .requestTimeout
    case .bodyTooLarge: .contentTooLarge
    case .targetTooLong: .uriTooLong
    case .contentEncoding: .unsupportedMediaType
    case .expectation: .expectationFailed
    case .addressConnections: .tooManyRequests
    case .headTooLarge: .requestHeaderFieldsTooLarge
    case .transferEncoding: .notImplemented
    case .connections: .serviceUnavailable
    case .version: .httpVersionNotSupported
    }
  }

  /// The class of the error.
  package var type: String {
    switch self {
    case .addressConnections: "rate_limit_error"
    case .connections: "overloaded_error"
    default: "invalid_request_error"
    }
  }

  /// Header fields that belong to the error.
  package var headers: HTTPFields {
    switch self {
    case .method: [.allow: RequestRules.methods.map(\.rawValue).joined(separator: ", ")]
    case .addressConnections, .connections: [.retryAfter: "1"]
    // The rest of the body need not be read.
    case .bodyTooLarge: [.connection: "close"]
    default: [:]
    }
  }
}
