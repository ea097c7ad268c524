import GPTModel
import HTTPTransport
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Platform

/// An error as OpenAI's clients know it: a status, and a body with four keys.
struct APIError: Error, Sendable, Hashable {
  /// The HTTP status.
  var status: HTTPResponse.Status
  /// The fault, and how to correct it.
  var message: String
  /// The class of the error.
  var type = ErrorReason.Kind.invalidRequest.rawValue
  /// The field of the request that is at fault.
  var parameter: String?
  /// The kind of error, for programs.
  var code: String?
  /// Headers that belong to the error, such as `Allow` and `Retry-After`.
  var headers: HTTPFields = [:]
  /// Why; nil where the transport or the router had reasons of its own.
  var reason: ErrorReason?
}

extension APIError {
  /// An error for one of the reasons there are.
  init(
    _ reason: ErrorReason, _ message: String, parameter: String? = nil, headers: HTTPFields = [:]
  ) {
    let terms = reason.terms
    self.init(
      status: terms.status, message: message, type: terms.kind.rawValue, parameter: parameter,
      code: terms.code, headers: headers, reason: reason)
  }

  /// A request whose field is missing, or has a value that is not allowed.
  static func invalid(
    _ parameter: String?, _ message: String, _ reason: ErrorReason = .invalidRequest
  ) -> APIError {
    APIError(reason, message, parameter: parameter)
  }

  /// A request for something that this server does not have yet.
  static func unsupported(_ parameter: String, _ what: String) -> APIError {
    invalid(parameter, "\(what) not supported by this server yet", .unsupportedValue)
  }

  /// A model that this server does not have.
  static func unknownModel(_ name: String) -> APIError {
    APIError(
      .modelNotFound,
      "there is no model \"\(name.prefix(bytes: RequestLimits.echoedBytes))\" here",
      parameter: "model")
  }

  /// A response that is not kept, or not for this client.
  static func unknownResponse(_ name: String) -> APIError {
    APIError(
      .responseNotFound,
      "there is no response \"\(name.prefix(bytes: RequestLimits.echoedBytes))\" here")
  }

  /// A conversation that is not kept, or not for this client.
  static func unknownConversation(_ name: String) -> APIError {
    APIError(
      .conversationNotFound,
      "there is no conversation \"\(name.prefix(bytes: RequestLimits.echoedBytes))\" here")
  }

  /// An item that a conversation does not have.
  static func unknownItem(_ name: String) -> APIError {
    APIError(
      .conversationNotFound,
      "there is no item \"\(name.prefix(bytes: RequestLimits.echoedBytes))\" in the conversation")
  }

  /// A body beyond the limit.
  static func tooLarge(limit: Int) -> APIError { APIError(.bodyTooLarge(limit: limit)) }

  /// The engine makes no progress at the moment.
  static func overloaded(_ message: String) -> APIError {
    APIError(.stuck, message, headers: .retryAfter(1))
  }

  /// The client disconnected before the answer; the status is for logs only.
  static let clientGone = APIError(.clientGone, "the client left")

  /// A fault of the server's own.
  static let `internal` = APIError(
    .internalError, "the server failed to answer; this is a bug")

  /// A method that an address does not know.
  static func wrongMethod(allowed: [HTTPRequest.Method]) -> APIError {
    let names = allowed.map(\.rawValue).joined(separator: ", ")
    return APIError(.wrongMethod, "this address answers to \(names)", headers: [.allow: names])
  }

  /// An address that leads nowhere.
  static let unknownRoute = APIError(.unknownRoute, "there is nothing at this address")
}

extension HTTPFields {
  /// The field that tells a client how long to wait: at least a second, at most an hour.
  static func retryAfter(_ seconds: Double) -> HTTPFields {
    [.retryAfter: "\(Int(exactly: Swift.min(Swift.max(1, seconds), 3600).rounded(.up)) ?? 1)"]
  }
}

extension APIError {
  /// The wire error for an error of the engine.
  ///
  /// - Parameter expectedWait: Seconds until the requests in the queue have been answered.
  init(_ error: EngineError, expectedWait: Double) {
    self.init(error.reason, error.description)
    switch error.reason {
    case .invalidRequest, .contextLength: parameter = "messages"
    case .queueFull, .tokensQueued, .shuttingDown: headers = .retryAfter(expectedWait)
    case .clientLimit: headers = .retryAfter(1)
    default: break
    }
  }

  /// The wire error for an error of the engine, with the shortest `Retry-After` where it has one.
  init(_ error: EngineError) {
    self.init(error, expectedWait: 1)
  }

  /// A refusal of the transport, where a route has to pass it on.
  init(_ refused: RequestRefusal) {
    self.init(
      status: refused.reason.status, message: refused.message, type: refused.reason.type,
      code: refused.reason.rawValue, headers: refused.reason.headers)
    if refused.reason == .bodyTooLarge { reason = .bodyTooLarge }
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
  /// The reason that clients are given.
  fileprivate var reason: ErrorReason {
    switch self {
    case .queueFull: .queueFull
    case .tokensQueued: .tokensQueued
    case .tooManyForClient: .clientLimit
    case .waitedTooLong: .waitedTooLong
    case .shuttingDown: .shuttingDown
    case .streamEnded: .internalError
    case .promptTooLong: .contextLength
    case .emptyPrompt, .unknownToken, .nothingToContinue, .textTooShort: .invalidRequest
    case .invalidAttachment, .attachmentRows, .attachmentTooLarge: .invalidRequest
    case .attachmentsNotSupported: .unsupportedValue
    case .unknownAdapter: .modelNotFound
    case .taskNotSupported: .unsupportedTask
    case .attachmentNotEncoded: .internalError
    case .notFinite: .notFinite
    case .noTokenAllowed: .noTokenAllowed
    }
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
    headers[.contentType] = jsonContentType
    self.init(
      status: status, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
  }
}
