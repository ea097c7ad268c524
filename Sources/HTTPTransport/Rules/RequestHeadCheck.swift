import HTTPTypes

/// Checks a request's head against the rules, field by field; only the first refusal counts.
///
/// It is fed as the head is decoded, so that of a head that is too large no more is looked at.
struct RequestHeadCheck {
  /// The refusal; nil as long as the head obeys the rules.
  private(set) var refusal: RequestRefusal?
  /// How long the body is said to be.
  private(set) var declaredBytes = 0
  /// Whether the client waits for permission to send its body.
  private(set) var expectsPermission = false

  private let rules: RequestRules
  private var target: RequestTarget?
  private var host: String?
  private var fields = 0
  private var bytes = 0

  /// Begins a head.
  init(_ rules: RequestRules) {
    self.rules = rules
  }

  /// Refuses the request, unless it was refused before.
  mutating func refuse(_ refusal: RequestRefusal) {
    if self.refusal == nil { self.refusal = refusal }
  }

  /// Takes the method.
  mutating func takeMethod(_ name: String) {
    guard RequestRules.isMethod(name.utf8) else { return refuse(.noHTTP) }
    if !RequestRules.methods.contains(where: { $0.rawValue == name }) { refuse(.unknownMethod) }
  }

  /// Takes the target.
  ///
  /// - Parameter isPath: Whether it cannot name a host.
  mutating func takeTarget(_ text: String, isPath: Bool) {
    guard text.utf8.count <= rules.limits.targetBytes else {
      return refuse(.targetTooLong(limit: rules.limits.targetBytes))
    }
    count(text.utf8.count)
    guard let target = RequestTarget(text), target.authority == nil || !isPath else {
      return refuse(.invalid("the request's target is not a path in its plain form"))
    }
    self.target = target
  }

  /// Takes the host, where it is no header field, though it counts as one.
  mutating func takeAuthority(_ text: String) {
    takeField(name: "host".utf8, value: text.utf8)
  }

  /// Takes a header field.
  mutating func takeField(
    name: some Collection<UInt8>, value: some Collection<UInt8>
  ) {
    guard refusal == nil else { return }
    fields += 1
    guard fields <= rules.limits.fields, name.count + value.count <= rules.limits.fieldBytes else {
      return refuse(.headTooLarge(rules.limits))
    }
    count(name.count + value.count)
    // Lengths tell most names apart.
    switch name.count {
    case 4 where Self.isName(name, "host"): takeHost(Self.text(value))
    case 6 where Self.isName(name, "expect"): takeExpectation(Self.text(value))
    case 14 where Self.isName(name, "content-length"): takeLength(Self.text(value))
    case 16 where Self.isName(name, "content-encoding"): takeEncoding(Self.text(value))
    default: break
    }
  }

  /// Takes the end of the head.
  mutating func finish() {
    guard refusal == nil else { return }
    guard let host, RequestRules.isAuthority(host) else {
      return refuse(.invalid("a request needs one Host header, with a host and no more"))
    }
    if let authority = target?.authority, authority.lowercased() != host.lowercased() {
      return refuse(.invalid("the request's target and its Host header name different hosts"))
    }
    if let restriction = rules.restriction, !rules.vitalPaths.contains(target?.path ?? "") {
      refuse(restriction)
    }
  }

  private mutating func count(_ bytes: Int) {
    self.bytes += bytes
    if self.bytes > rules.limits.headBytes { refuse(.headTooLarge(rules.limits)) }
  }

  private mutating func takeHost(_ host: String) {
    guard self.host == nil else {
      return refuse(.invalid("a request needs one Host header, and this one has several"))
    }
    self.host = host
  }

  private mutating func takeExpectation(_ text: String) {
    guard text.lowercased() == "100-continue" else {
      return refuse(
        RequestRefusal(
          reason: .expectation, message: "the only expectation known here is 100-continue"))
    }
    expectsPermission = true
  }

  private mutating func takeLength(_ text: String) {
    declaredBytes = max(0, Int(text) ?? .max)
    guard declaredBytes <= rules.limits.bodyBytes else {
      return refuse(.bodyTooLarge(limit: rules.limits.bodyBytes))
    }
  }

  private mutating func takeEncoding(_ text: String) {
    guard text.lowercased() == "identity" else {
      return refuse(
        RequestRefusal(
          reason: .contentEncoding,
          message: "bodies must be sent as they are, without Content-Encoding"))
    }
  }

  private static func isName(_ name: some Collection<UInt8>, _ known: StaticString) -> Bool {
    known.withUTF8Buffer { known in name.elementsEqual(known) { $0 | 0x20 == $1 } }
  }

  private static func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
