/// The target of a request: a path with one spelling, which every program reads in the same way.
struct RequestTarget: Equatable {
  /// The host, where the target names one.
  let authority: String?
  /// The path, with one slash wherever there are several, and without what follows a question mark.
  let path: String

  /// Reads a target; nil if it is no path, or one with another spelling.
  ///
  /// Segments that are dots, fragments, and bytes that are not printable, written as they are
  /// or as `%XX`, are refused: what checks paths before this server may take them for another one.
  init?(_ text: String) {
    var rest = text[...]
    var authority: Substring?
    if !text.hasPrefix("/") {
      for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
        rest = rest.dropFirst(scheme.count)
        authority = rest.prefix { $0 != "/" && $0 != "?" }
        rest = rest.dropFirst(authority?.count ?? 0)
        guard authority?.isEmpty == false else { return nil }
      }
    }
    guard rest.hasPrefix("/") || (authority != nil && (rest.isEmpty || rest.hasPrefix("?"))),
      rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
    else { return nil }
    let path = rest[..<(rest.utf8.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex)]
    guard Self.isPlain(path.utf8) else { return nil }
    self.authority = authority.map(String.init)
    self.path = Self.merged(path)
  }

  /// The path with one slash for several that follow one another: clients join addresses to bases that
  /// end with a slash, and routes have no empty segments.
  private static func merged(_ path: Substring) -> String {
    let segments = path.split(separator: "/")
    let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
    return "/" + segments.joined(separator: "/") + end
  }

  private static func isPlain(_ path: Substring.UTF8View) -> Bool {
    var rest = path.dropFirst()
    // What stands behind a slash at the end is no segment.
    while !rest.isEmpty {
      let segment = rest.prefix { $0 != UInt8(ascii: "/") }
      guard isPlain(segment: segment) else { return false }
      rest = rest.dropFirst(segment.count + 1)
    }
    return true
  }

  private static func isPlain(segment: Substring.UTF8View) -> Bool {
    guard segment.contains(UInt8(ascii: "%")) else { return !isDots(segment) }
    guard let decoded = decode(segment) else { return false }
    return !isDots(decoded.utf8)
  }

  private static func isDots(_ segment: some Collection<UInt8>) -> Bool {
    (1...2).contains(segment.count) && segment.allSatisfy { $0 == UInt8(ascii: ".") }
  }

  /// Undoes `%XX`; nil if that is not text that can be printed.
  private static func decode(_ segment: Substring.UTF8View) -> String? {
    var bytes: [UInt8] = []
    var rest = segment
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy(isHexadecimal),
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
        value >= 0x20, value != 0x7F
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}
