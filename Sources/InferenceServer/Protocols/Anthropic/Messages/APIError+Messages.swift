import HTTPTypes
import JSON

extension APIError {
  /// Whether the clients of an address expect errors as Anthropic's protocol has them.
  static func isMessages(path: String) -> Bool {
    let path = path.hasSuffix("/") ? path.dropLast() : path[...]
    return path.hasSuffix("/messages") || path.contains("/messages/")
  }

  /// The status as Anthropic's protocol has it.
  var messagesStatus: HTTPResponse.Status {
    status == .serviceUnavailable
      ? HTTPResponse.Status(code: 529, reasonPhrase: "Overloaded") : status
  }

  /// Writes the body of an error as Anthropic's protocol has it.
  func writeMessages(to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "error")
      json.member("error") { json in
        json.object { json in
          json.member("type", messagesType)
          json.member("message", fullMessage)
        }
      }
    }
  }

  /// The message, with the field at fault, for which this protocol has no member of its own.
  private var fullMessage: String {
    guard let parameter, !message.contains(parameter) else { return message }
    return "\(parameter): \(message)"
  }

  /// The class of the error in the words of this protocol.
  var messagesType: String {
    switch status.code {
    case 401: "authentication_error"
    case 403: "permission_error"
    case 404: "not_found_error"
    case 413: "request_too_large"
    case 429: "rate_limit_error"
    case 503: "overloaded_error"
    case 504: "timeout_error"
    case 400..<500: "invalid_request_error"
    default: "api_error"
    }
  }
}
