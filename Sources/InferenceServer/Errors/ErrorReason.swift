import HTTPTypes

/// Every reason for which a request that reached a route gets an error.
///
/// The status, the type, the code, the label under which rejections are counted, and the list in the
/// documentation all come from here.
enum ErrorReason: String, Sendable, CaseIterable {
  case unauthorized, rateLimit, clientLimit, queueFull, tokensQueued, waitedTooLong, shuttingDown
  case hostNotAllowed, originNotAllowed, bodyTooLarge
  case invalidRequest, contextLength, unsupportedValue, duplicateKey, noChatTemplate
  case noTokenAllowed, unsupportedTask
  case invalidSchema, unsupportedSchema, schemaTooComplex, unsatisfiableSchema
  case modelNotFound, responseNotFound, conversationNotFound, unknownRoute, wrongMethod
  case stuck, notFinite, internalError, clientGone, feedbackFull

  /// The class of an error in the words of OpenAI's protocol.
  enum Kind: String, Sendable {
    case invalidRequest = "invalid_request_error"
    case authentication = "authentication_error"
    case permission = "permission_error"
    case rateLimit = "rate_limit_error"
    case overloaded = "overloaded_error"
    case server = "server_error"
  }

  /// The error on the wire.
  struct Terms: Sendable {
    /// The HTTP status.
    let status: HTTPResponse.Status
    /// The class of the error.
    var kind = Kind.invalidRequest
    /// The kind of error, for programs.
    var code: String?
    /// The label under which a rejection of a valid request is counted.
    var rejection: String?
    /// When it happens, and what a client can do.
    let meaning: String
  }

  /// The error on the wire.
  var terms: Terms {
    switch self {
    case .unauthorized, .hostNotAllowed, .originNotAllowed: accessTerms
    case .rateLimit, .clientLimit, .queueFull, .tokensQueued, .waitedTooLong, .shuttingDown, .stuck:
      loadTerms
    case .modelNotFound, .responseNotFound, .conversationNotFound, .unknownRoute, .wrongMethod:
      addressTerms
    case .notFinite, .internalError, .clientGone, .feedbackFull: failureTerms
    case .bodyTooLarge, .invalidRequest, .contextLength, .unsupportedValue, .duplicateKey,
      .noChatTemplate, .noTokenAllowed, .unsupportedTask:
      requestTerms
    case .invalidSchema, .unsupportedSchema, .schemaTooComplex, .unsatisfiableSchema: schemaTerms
    }
  }

  /// The labels of rejections, each once.
  static let rejections: [String] = allCases.reduce(into: []) { labels, reason in
    if let label = reason.terms.rejection, !labels.contains(label) { labels.append(label) }
  }
}

extension ErrorReason {
  private var accessTerms: Terms {
    switch self {
    case .hostNotAllowed:
      Terms(
        status: .forbidden, kind: .permission, code: "host_not_allowed", rejection: "foreign",
        meaning: "The `Host` is not allowed. The operator can allow it with `--allow-host`.")
    case .originNotAllowed:
      Terms(
        status: .forbidden, kind: .permission, code: "origin_not_allowed", rejection: "foreign",
        meaning: "The `Origin` is not allowed. The operator can allow it with `--allow-origin`.")
    default:
      Terms(
        status: .unauthorized, kind: .authentication, code: "invalid_api_key",
        rejection: "unauthorized", meaning: "The request has no key, or a key that is not known.")
    }
  }

  private var loadTerms: Terms {
    switch self {
    case .rateLimit:
      Terms(
        status: .tooManyRequests, kind: .rateLimit, code: "rate_limit_exceeded",
        rejection: "rate_limit",
        meaning: "The key has reached its rate limit. Retry after the time in `Retry-After`.")
    case .clientLimit:
      Terms(
        status: .tooManyRequests, kind: .rateLimit, code: "rate_limit_exceeded",
        rejection: "client_limit",
        meaning: "The client has reached its limit of concurrent requests. Wait for one to end.")
    case .queueFull:
      Terms(
        status: .serviceUnavailable, kind: .overloaded, code: "server_is_overloaded",
        rejection: "queue_full",
        meaning: "The queue is full. Retry after the time in `Retry-After`.")
    case .tokensQueued:
      Terms(
        status: .serviceUnavailable, kind: .overloaded, code: "server_is_overloaded",
        rejection: "tokens_queued",
        meaning:
          "The queue has reached its limit of tokens. Retry after the time in `Retry-After`.")
    case .shuttingDown:
      Terms(
        status: .serviceUnavailable, kind: .overloaded, code: "server_is_overloaded",
        rejection: "shutting_down", meaning: "The server is shutting down.")
    case .waitedTooLong:
      Terms(
        status: .gatewayTimeout, kind: .overloaded, code: "waited_too_long",
        rejection: "waited_too_long",
        meaning: "The request has waited in the queue for longer than the limit.")
    default:
      Terms(
        status: .serviceUnavailable, kind: .overloaded, code: "server_is_overloaded",
        meaning: "One step of the engine takes too long, as `/health/live` reports.")
    }
  }

  private var addressTerms: Terms {
    switch self {
    case .modelNotFound:
      Terms(
        status: .notFound, code: "model_not_found",
        meaning: "The server has no model of this name; `/v1/models` lists the names.")
    case .responseNotFound:
      Terms(
        status: .notFound, code: "response_not_found",
        meaning: "No response of this name is kept for this client: none was, or it was forgotten.")
    case .conversationNotFound:
      Terms(
        status: .notFound, code: "conversation_not_found",
        meaning: "No conversation or item of this name is kept for this client.")
    case .wrongMethod:
      Terms(
        status: .methodNotAllowed, code: "method_not_allowed",
        meaning: "The address does not answer to this method; `Allow` lists those that it does.")
    default:
      Terms(status: .notFound, code: "not_found", meaning: "There is nothing at this address.")
    }
  }

  private var requestTerms: Terms {
    switch self {
    case .bodyTooLarge:
      Terms(
        status: .contentTooLarge, code: "request_too_large", rejection: "body_too_large",
        meaning: "The body exceeds the limit.")
    case .contextLength:
      Terms(
        status: .badRequest, code: "context_length_exceeded",
        meaning: "The prompt does not fit into the context. The message has both numbers.")
    case .unsupportedValue:
      Terms(
        status: .badRequest, code: "unsupported_value",
        meaning: "The field asks for a feature that the server does not support.")
    case .duplicateKey:
      Terms(
        status: .badRequest, code: "duplicate_key",
        meaning: "An object in the body has two members of one name.")
    case .noChatTemplate:
      Terms(
        status: .badRequest, code: "no_chat_template",
        meaning: "The model has no chat template, so that it answers completions only.")
    case .unsupportedTask:
      Terms(
        status: .badRequest, code: "unsupported_task",
        meaning:
          "The model is not made for what the address does: text, vectors or scores. `/v1/models`"
          + " lists its tasks.")
    case .noTokenAllowed:
      Terms(
        status: .badRequest, code: "no_token_allowed",
        meaning: "`logit_bias` and `min_tokens` exclude every token.")
    default:
      Terms(
        status: .badRequest,
        meaning:
          "The body is not valid JSON, or `param` names a field that is missing or whose value"
          + " is not allowed.")
    }
  }

  private var schemaTerms: Terms {
    switch self {
    case .unsupportedSchema:
      Terms(
        status: .badRequest, code: "unsupported_schema",
        meaning:
          "The form of the answer says something that cannot be enforced exactly. The message has"
          + " the place.")
    case .schemaTooComplex:
      Terms(
        status: .badRequest, code: "schema_too_complex",
        meaning: "The form of the answer exceeds a limit.")
    case .unsatisfiableSchema:
      Terms(
        status: .badRequest, code: "unsatisfiable_schema",
        meaning: "No answer can have the form.")
    default:
      Terms(
        status: .badRequest, code: "invalid_schema",
        meaning: "The schema or the regular expression is malformed. The message has the place.")
    }
  }

  private var failureTerms: Terms {
    switch self {
    case .notFinite:
      Terms(
        status: .internalServerError, kind: .server,
        meaning: "The model computed a value that is not finite.")
    case .clientGone:
      Terms(
        status: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"),
        meaning: "The client closed the connection before the answer. Only logs show it.")
    case .feedbackFull:
      Terms(
        status: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
        kind: .server, code: "feedback_full",
        meaning: "A rating is not kept: the file of ratings, or the client's part of it, is full.")
    default:
      Terms(
        status: .internalServerError, kind: .server,
        meaning: "The server failed to answer. This is a bug.")
    }
  }
}
