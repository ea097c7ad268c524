import HTTPTypes

/// Takes a request's header fields as they are decoded, and keeps no more of them than it may have.
struct HTTP2RequestHead {
  /// What is wrong with a head.
  enum Fault {
    /// It is no valid request.
    case malformed
    /// It has too many fields, or too long ones.
    case tooLarge
    /// It asks for too long an address.
    case targetTooLong
  }

  /// What is wrong, if anything is.
  private(set) var fault: Fault?
  /// How long the body is said to be.
  private(set) var declaredBytes = 0
  private var method: String?
  private var scheme: String?
  private var authority: String?
  private var path: String?
  private var host: String?
  private var fields = HTTPFields()
  private var bytes = 0

  /// Begins without fields.
  init() {}

  /// Takes the next field.
  mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard fault == nil else { return }
    bytes += name.count + value.count + 32
    let isPath = name.elementsEqual(":path".utf8)
    if isPath, value.count > HTTP2Limits.targetBytes {
      fault = .targetTooLong
    } else if bytes > HTTP2Limits.headerListBytes
      || name.count + value.count > HTTP2Limits.fieldBytes
    {
      fault = .tooLarge
    } else if name.first == UInt8(ascii: ":") {
      addPseudo(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    } else {
      addField(name, value)
    }
  }

  /// The request; nil if it is none.
  var request: HTTPRequest? {
    guard fault == nil, let method = method.flatMap({ HTTPRequest.Method($0) }) else { return nil }
    var request = HTTPRequest(
      method: method, scheme: scheme, authority: authority, path: path, headerFields: fields)
    guard let host else { return request }
    // The host is the authority by another name; one that differs is left for all to see.
    if authority == nil { request.authority = host }
    if host != request.authority, let name = HTTPField.Name("Host") {
      request.headerFields.append(HTTPField(name: name, value: host))
    }
    return request
  }

  private mutating func addPseudo(_ name: String, _ value: String) {
    switch name {
    case ":method": method = value
    case ":scheme": scheme = value
    case ":authority": authority = value
    case ":path": path = value
    default: fault = .malformed
    }
  }

  private mutating func addField(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
  ) {
    // The library has checked all this; but what is appended here unchecked could end the process.
    guard let name = HTTPField.Name(String(decoding: name, as: UTF8.self)),
      HTTPField.isValidValue(value)
    else {
      fault = .malformed
      return
    }
    guard fields.count < HTTP2Limits.headerFields else {
      fault = .tooLarge
      return
    }
    if name == .contentLength {
      declaredBytes = max(0, Int(String(decoding: value, as: UTF8.self)) ?? 0)
    }
    if name.canonicalName == "host", host == nil {
      host = String(decoding: value, as: UTF8.self)
    } else {
      fields.append(HTTPField(name: name, value: value))
    }
  }
}

extension HTTP2RequestHead.Fault {
  /// What a client is told; nothing where its stream is reset instead.
  var refusal: APIError? {
    switch self {
    case .malformed:
      nil
    case .tooLarge:
      APIError(
        status: .requestHeaderFieldsTooLarge, message: "the request's head is too large")
    case .targetTooLong:
      APIError(
        status: .uriTooLong,
        message: "the request's address may have at most \(HTTP2Limits.targetBytes) bytes")
    }
  }
}
