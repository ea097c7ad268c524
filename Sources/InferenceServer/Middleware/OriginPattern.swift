/// Origins of web pages: `https://chat.example`, `http://localhost:*` for any port,
/// `https://*.chat.example` for any name below, or `*` for all.
package struct OriginPattern: Hashable, Sendable {
  private enum Form: Hashable {
    case all
    case one(String)
    case parts(scheme: String, parent: String?, host: String, port: Port)
  }

  private enum Port: Hashable {
    case any
    case fixed(String)
  }

  private let form: Form

  /// Reads a pattern; nil for one that no origin can match, such as a name without scheme.
  package init?(_ text: String) {
    let text = text.lowercased()
    if ["*", "null"].contains(text) {
      form = text == "*" ? .all : .one(text)
      return
    }
    guard let origin = Origin(text) else { return nil }
    let hasParent = origin.host.hasPrefix("*.")
    let host = hasParent ? String(origin.host.dropFirst(2)) : origin.host
    guard !host.isEmpty, !host.contains("*") else { return nil }
    guard origin.port == "*" || origin.port.allSatisfy(\.isNumber) else { return nil }
    form = .parts(
      scheme: origin.scheme, parent: hasParent ? ".\(host)" : nil, host: host,
      port: origin.port == "*" ? .any : .fixed(origin.port))
  }

  /// Whether an origin, as a browser sends it, is one of these.
  func matches(_ text: String) -> Bool {
    switch form {
    case .all: return true
    case .one(let origin): return text.lowercased() == origin
    case .parts(let scheme, let parent, let host, let port):
      guard let origin = Origin(text.lowercased()), origin.scheme == scheme else { return false }
      if case .fixed(let fixed) = port, fixed != origin.port { return false }
      guard let parent else { return origin.host == host }
      return origin.host.hasSuffix(parent) && origin.host.count > parent.count
    }
  }
}

/// The parts of an origin in lower case.
private struct Origin {
  let scheme: String
  /// A name or an address, IPv6 in brackets.
  let host: String
  /// Empty for the scheme's own port.
  let port: String

  init?(_ text: String) {
    guard let colon = text.firstRange(of: "://"), colon.lowerBound > text.startIndex else {
      return nil
    }
    scheme = String(text[..<colon.lowerBound])
    let rest = text[colon.upperBound...]
    let name =
      rest.hasPrefix("[")
      ? rest[..<(rest.firstIndex(of: "]").map { rest.index(after: $0) } ?? rest.startIndex)]
      : rest.prefix { $0 != ":" }
    let end = rest[name.endIndex...]
    guard !name.isEmpty, end.isEmpty || (end.hasPrefix(":") && end.count > 1),
      !rest.contains(where: { "/?#@ ".contains($0) })
    else { return nil }
    (host, port) = (String(name), String(end.dropFirst()))
  }
}
