import HTTPTransport

extension RefusalReason {
  /// When it happens, for the documentation.
  var meaning: String {
    switch self {
    case .invalid: "The request is no valid HTTP, or programs could read it in different ways."
    case .method: "No address answers to the method; `Allow` lists those that some do."
    case .timeout: "The head or the body arrived too slowly."
    case .bodyTooLarge: "The body exceeds the limit."
    case .targetTooLong: "The target exceeds the limit."
    case .contentEncoding: "The body has a `Content-Encoding`."
    case .expectation: "`Expect` asks for something other than `100-continue`."
    case .addressConnections: "The client's address has reached its limit of connections."
    case .headTooLarge: "The head has too many fields, or too long ones."
    case .transferEncoding: "`Transfer-Encoding` is something other than `chunked`."
    case .connections: "All connections are in use."
    case .version: "The version of HTTP is not spoken here."
    }
  }
}
