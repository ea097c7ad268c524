import HTTPTypes
import JSON
import NIOHTTP1

/// The refusal of a request before it reaches a route, or of the rest of its body.
package struct RequestRefusal: Error, Hashable, Sendable {
  /// Why.
  package let reason: RefusalReason
  /// The fault, and how to correct it.
  package let message: String

  /// A request that is wrong in itself.
  static func invalid(_ message: String) -> RequestRefusal {
    RequestRefusal(reason: .invalid, message: message)
  }

  /// Bytes that are no request.
  static let noHTTP = RequestRefusal.invalid("this is not a valid HTTP request")

  /// A method that no address knows.
  static let unknownMethod = RequestRefusal(
    reason: .method, message: "no address here answers to this method")

  /// A version of HTTP that is not spoken here.
  static let unknownVersion = RequestRefusal(
    reason: .version, message: "this server speaks HTTP/1.1, HTTP/1.0 and HTTP/2")

  /// A head that did not arrive in time.
  static let headTooSlow = RequestRefusal(
    reason: .timeout, message: "the head of the request did not arrive in time")

  /// A body that did not arrive in time.
  static let bodyTooSlow = RequestRefusal(
    reason: .timeout, message: "the body of the request arrived too slowly")

  /// A body beyond the limit.
  package static func bodyTooLarge(limit: Int) -> RequestRefusal {
    RequestRefusal(
      reason: .bodyTooLarge, message: "the request body may have at most \(limit) bytes")
  }

  /// A target beyond the limit.
  static func targetTooLong(limit: Int) -> RequestRefusal {
    RequestRefusal(
      reason: .targetTooLong, message: "the request's target may have at most \(limit) bytes")
  }

  /// A head beyond the limits.
  static func headTooLarge(_ limits: ConnectionLimits) -> RequestRefusal {
    RequestRefusal(
      reason: .headTooLarge,
      message: "the request's head is too large; it may have \(limits.fields) fields of"
        + " \(limits.fieldBytes) bytes, and \(limits.headBytes) bytes together")
  }

  /// A request on a connection of which the client's address has too many.
  static func tooManyConnections(limit: Int) -> RequestRefusal {
    RequestRefusal(
      reason: .addressConnections,
      message: "this address may have at most \(limit) connections at a time")
  }

  /// A request on a connection beyond all that may be in use.
  static let allConnectionsBusy = RequestRefusal(
    reason: .connections, message: "all connections are in use")

  /// A request that was not complete when its connection had to make room for another one.
  static let evicted = RequestRefusal(
    reason: .connections,
    message: "other connections needed the room before the request was complete")

  /// The refusal for an error of the HTTP/1 decoder.
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

  /// Refuses for a reason.
  package init(reason: RefusalReason, message: String) {
    self.reason = reason
    self.message = message
  }

  /// The error document.
  var document: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("error") { json in
        json.object { json in
          json.member("message", message)
          json.member("type", reason.type)
          json.member("param", String?.none)
          json.member("code", reason.rawValue)
        }
      }
    }
    return json.bytes
  }
}
