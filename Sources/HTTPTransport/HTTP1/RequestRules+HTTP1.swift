import NIOHTTP1

extension RequestRules {
  /// Checks a head of HTTP/1, beyond what the decoder already insists on.
  ///
  /// - Returns: What the head says of its body.
  /// - Throws: What is to be answered to a head that breaks a rule.
  func check(_ head: HTTPRequestHead) throws(RequestRefusal) -> RequestHeadCheck {
    guard head.version == .http1_1 || head.version == .http1_0 else { throw .unknownVersion }
    var check = RequestHeadCheck(self)
    check.takeMethod(head.method.rawValue)
    check.takeTarget(head.uri, isPath: false)
    for (name, value) in head.headers { check.takeField(name: name.utf8, value: value.utf8) }
    if let coding = head.headers.first(name: "Transfer-Encoding") {
      if head.version == .http1_0 { check.refuse(.invalid("HTTP/1.0 knows no Transfer-Encoding")) }
      if coding.lowercased() != "chunked" {
        check.refuse(
          RequestRefusal(
            reason: .transferEncoding,
            message: "the only Transfer-Encoding known here is chunked"))
      }
    }
    check.finish()
    if let refusal = check.refusal { throw refusal }
    return check
  }
}
