import HTTPTypes

/// The rules for requests, the same for HTTP/1.1 and HTTP/2.
///
/// Most rules are about messages that a proxy in front could read in another way than this server: such
/// a difference smuggles requests past the proxy's own checks.
///
/// It is shared by all connections, so that none has a copy.
final class RequestRules: Sendable {
  /// The methods that some address answers to.
  static let methods: [HTTPRequest.Method] = [
    .get, .head, .post, .put, .patch, .delete, .options,
  ]

  /// The sizes and times.
  let limits: ConnectionLimits
  /// Paths that are answered however many connections there are.
  let vitalPaths: Set<String>
  /// The refusal of all other paths; nil on a connection within the limits.
  let restriction: RequestRefusal?

  /// Makes the rules.
  init(
    limits: ConnectionLimits, vitalPaths: Set<String> = [], restriction: RequestRefusal? = nil
  ) {
    self.limits = limits
    self.vitalPaths = vitalPaths
    self.restriction = restriction
  }

  /// The same rules for a connection for which there is no room.
  func restricted(to restriction: RequestRefusal) -> RequestRules {
    RequestRules(limits: limits, vitalPaths: vitalPaths, restriction: restriction)
  }

  /// Whether bytes have the form of a method.
  static func isMethod(_ name: some Collection<UInt8>) -> Bool {
    (1...32).contains(name.count)
      && name.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
  }

  /// Whether a text is a host, with or without a port.
  static func isAuthority(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { authorityBytes.contains($0) }
  }

  private static let authorityBytes = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=%:[]".utf8)
}
