/// Where an OpenAI-compatible server answers: host, port, and the path of its interface.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// The host's name or address, an IPv6 address without brackets.
  package let host: String
  /// The port.
  package let port: Int
  /// The path before `/chat/completions`, without a slash at its end.
  package let path: String

  /// Reads a URL such as `http://127.0.0.1:8080/v1`; without a path, `/v1` is meant.
  package init(url: String) throws(LoadError) {
    if url.lowercased().hasPrefix("https://") {
      throw LoadError("https is not supported; name a server with http://, such as a local one.")
    }
    guard url.lowercased().hasPrefix("http://"),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !url.contains(where: "?#@\\".contains)
    else { throw LoadError("\(url) is not a URL such as http://127.0.0.1:8080/v1.") }
    let rest = url.dropFirst("http://".count)
    let authority = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(authority.count)
    guard let (host, port) = Self.split(authority) else {
      throw LoadError("\(url) has no host and port such as 127.0.0.1:8080.")
    }
    self.host = host
    self.port = port
    let trimmed = path.reversed().drop { $0 == "/" }.reversed()
    self.path = trimmed.isEmpty ? "/v1" : String(trimmed)
  }

  /// The value of the `Host` header.
  var authority: String {
    (host.contains(":") ? "[\(host)]" : host) + (port == 80 ? "" : ":\(port)")
  }

  /// The URL.
  package var description: String { "http://\(authority)\(path)" }

  private static func split(_ authority: Substring) -> (host: String, port: Int)? {
    var host = authority
    var rest = Substring()
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<end]
      rest = authority[authority.index(after: end)...]
      guard host.contains(":") else { return nil }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      rest = authority[colon...]
    }
    guard !host.isEmpty else { return nil }
    if rest.isEmpty { return (String(host), 80) }
    guard rest.first == ":", rest.dropFirst().allSatisfy(\.isNumber),
      let port = Int(rest.dropFirst()), (1...65_535).contains(port)
    else { return nil }
    return (String(host), port)
  }
}
