import GPTModel
import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// An error as OpenAI's clients know it: a status, and a body with four keys.
struct APIError: Error, Sendable, Hashable {
  /// The HTTP status.
  var status: HTTPResponse.Status
  /// What went wrong, and how to mend it.
  var message: String
  /// The class of the error.
  var type = "invalid_request_error"
  /// The field of the request that is at fault.
  var parameter: String?
  /// The kind of error, for programs.
  var code: String?
  /// Headers that belong to the error, such as `Allow` and `Retry-After`.
  var headers: HTTPFields = [:]
  /// What it is counted as, where a valid request was refused.
  var refusal: Refusal?

  /// An error in the request that naming a field explains.
  static func invalid(_ parameter: String?, _ message: String, code: String? = nil) -> APIError {
    APIError(status: .badRequest, message: message, parameter: parameter, code: code)
  }

  /// A request for something that this server does not have yet.
  static func unsupported(_ parameter: String, _ what: String) -> APIError {
    invalid(parameter, "\(what) not supported by this server yet", code: "unsupported_value")
  }

  /// A model that this server does not have.
  static func unknownModel(_ name: String) -> APIError {
    APIError(
      status: .notFound,
      message: "there is no model \"\(name.prefix(bytes: RequestLimits.echoedBytes))\" here",
      parameter: "model", code: "model_not_found")
  }

  /// A body beyond the limit.
  static func tooLarge(limit: Int) -> APIError { APIError(.bodyTooLarge(limit: limit)) }

  /// A moment at which the server takes no requests.
  ///
  /// - Parameter wait: Seconds after which another try may succeed.
  static func overloaded(_ message: String, wait: Double = 1) -> APIError {
    let seconds = Int(exactly: min(max(1, wait), 3600).rounded(.up)) ?? 1
    return APIError(
      status: .serviceUnavailable, message: message, type: "overloaded_error",
      code: "server_is_overloaded", headers: [.retryAfter: "\(seconds)"])
  }

  /// What nobody is there to read; the status is for logs.
  static let clientGone = APIError(
    status: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"),
    message: "the client left")

  /// A fault of the server's own.
  static let `internal` = APIError(
    status: .internalServerError, message: "the server failed to answer; this is a bug",
    type: "server_error")

  /// A method that an address does not know.
  static func wrongMethod(allowed: [HTTPRequest.Method]) -> APIError {
    let names = allowed.map(\.rawValue).joined(separator: ", ")
    return APIError(
      status: .methodNotAllowed, message: "this address answers to \(names)",
      code: "method_not_allowed", headers: [.allow: names])
  }

  /// An address that leads nowhere.
  static let unknownRoute = APIError(
    status: .notFound, message: "there is nothing at this address", code: "not_found")
}

extension APIError {
  /// What a refusal or failure of the engine is to a client.
  ///
  /// - Parameter expectedWait: Seconds until those who wait already have been served.
  init(_ error: EngineError, expectedWait: Double) {
    switch error {
    case .emptyPrompt, .unknownToken, .nothingToContinue, .textTooShort:
      self = .invalid("messages", error.description)
    case .promptTooLong:
      self = .invalid("messages", error.description, code: "context_length_exceeded")
    case .queueFull, .tokensQueued, .shuttingDown:
      self = .overloaded(error.description, wait: expectedWait)
    case .tooManyForClient:
      self = APIError(
        status: .tooManyRequests, message: error.description, type: "rate_limit_error",
        code: "rate_limit_exceeded", headers: [.retryAfter: "1"])
    case .waitedTooLong:
      self = APIError(
        status: .gatewayTimeout, message: error.description, type: "overloaded_error",
        code: "waited_too_long")
    case .notFinite:
      self = APIError(
        status: .internalServerError, message: error.description, type: "server_error")
    }
    refusal = error.refusal
  }

  /// What a refusal or failure of the engine is to a client, with a short wait where one is told.
  init(_ error: EngineError) {
    self.init(error, expectedWait: 1)
  }

  /// A refusal of the transport, where a route has to pass it on.
  init(_ refused: RequestRefusal) {
    self.init(
      status: refused.reason.status, message: refused.message, type: refused.reason.type,
      code: refused.reason.rawValue, headers: refused.reason.headers)
    if refused.reason == .bodyTooLarge { refusal = .bodyTooLarge }
  }

  /// Any error in terms of the wire; what is not expected becomes a 500 that tells nothing.
  init(_ error: any Error) {
    self =
      switch error {
      case let error as APIError: error
      case let error as RequestRefusal: APIError(error)
      case let error as EngineError: APIError(error)
      case let error as any HTTPResponseError: APIError(status: error.status)
      case is ClientConnection.Gone, is CancellationError: .clientGone
      default: .internal
      }
  }

  private init(status: HTTPResponse.Status) {
    switch status {
    case .notFound: self = .unknownRoute
    case .internalServerError: self = .internal
    default: self = APIError(status: status, message: status.reasonPhrase.lowercased())
    }
  }
}

extension EngineError {
  /// What it is counted as, where a valid request was refused.
  fileprivate var refusal: Refusal? {
    switch self {
    case .queueFull: .queueFull
    case .tokensQueued: .tokensQueued
    case .tooManyForClient: .clientLimit
    case .waitedTooLong: .waitedTooLong
    case .shuttingDown: .shuttingDown
    case .emptyPrompt, .unknownToken, .promptTooLong, .nothingToContinue, .textTooShort,
      .notFinite:
      nil
    }
  }
}

extension String {
  /// The longest beginning that takes at most so many bytes.
  func prefix(bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var end = utf8.index(startIndex, offsetBy: limit)
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil {
      end = utf8.index(before: end)
    }
    return String(self[..<end])
  }
}

extension APIError: HTTPResponseError {
  /// Writes the `error` member, the whole body of an error.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("error") { json in
        json.object { json in
          json.member("message", message)
          json.member("type", type)
          json.member("param", parameter)
          json.member("code", code)
        }
      }
    }
  }

  func response(from request: Request, context: some RequestContext) -> Response {
    RequestRecord.current?.note(self)
    var json = JSONWriter()
    if Self.isMessages(path: request.uri.path) {
      writeMessages(to: &json)
      return Response(json, status: messagesStatus, headers: headers)
    }
    write(to: &json)
    return Response(json, status: status, headers: headers)
  }
}

extension Response {
  /// A JSON document.
  init(_ json: JSONWriter, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
    var headers = headers
    headers[.contentType] = "application/json"
    self.init(
      status: status, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
  }
}
