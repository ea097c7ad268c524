import HTTPTypes

/// Takes a request's header fields as they are decoded, and keeps no more of them than it may have.
struct HTTP2RequestHead {
  /// Whether the head is malformed, so that the stream is reset.
  private(set) var isMalformed = false
  /// The check of the head against the rules.
  private(set) var check: RequestHeadCheck
  private var method: String?
  private var scheme: String?
  private var authority: String?
  private var path: String?
  private var fields = HTTPFields()

  /// Begins without fields.
  init(_ rules: RequestRules) { check = RequestHeadCheck(rules) }

  /// Takes the next field.
  mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard !isMalformed, check.refusal == nil else { return }
    if name.first == UInt8(ascii: ":") {
      addPseudo(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    } else {
      addField(name, value)
    }
  }

  /// Takes the end of the head.
  mutating func finish() { check.finish() }

  /// The request; nil if it is none.
  var request: HTTPRequest? {
    guard !isMalformed, check.refusal == nil,
      let method = method.flatMap({ HTTPRequest.Method($0) })
    else { return nil }
    return HTTPRequest(
      method: method, scheme: scheme, authority: authority, path: path, headerFields: fields)
  }

  private mutating func addPseudo(_ name: String, _ value: String) {
    switch name {
    case ":method":
      method = value
      check.takeMethod(value)
    case ":scheme":
      scheme = value
      if !["http", "https"].contains(value.lowercased()) {
        check.refuse(.invalid("the request's scheme is neither http nor https"))
      }
    case ":authority":
      authority = value
      check.takeAuthority(value)
    case ":path":
      path = value
      check.takeTarget(value, isPath: true)
    default: isMalformed = true
    }
  }

  private mutating func addField(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
  ) {
    let isHost = name.elementsEqual("host".utf8)
    // The host is the authority by another name; only one that differs counts again.
    if isHost, let authority, Self.areEqual(authority, value) { return }
    check.takeField(name: name, value: value)
    guard check.refusal == nil else { return }
    // The library has checked all this; but what is appended here unchecked could end the process.
    guard let name = HTTPField.Name(String(decoding: name, as: UTF8.self)),
      HTTPField.isValidValue(value)
    else {
      isMalformed = true
      return
    }
    if isHost {
      authority = String(decoding: value, as: UTF8.self)
    } else {
      fields.append(HTTPField(name: name, value: value))
    }
  }

  private static func areEqual(_ host: String, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
    host.lowercased() == String(decoding: value, as: UTF8.self).lowercased()
  }
}
