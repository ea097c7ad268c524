/// A header that every request carries.
package struct HeaderField: Sendable, Hashable {
  /// The name.
  package let name: String
  /// The value.
  package let value: String

  /// Reads `Name: value`.
  package init(parsing line: String) throws(LoadError) {
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isName(parts[0]) else {
      throw LoadError("\"\(line)\" is not a header such as \"X-Name: value\".")
    }
    try self.init(name: String(parts[0]), value: String(parts[1].drop { $0 == " " }))
  }

  /// Creates a header whose name is known to be good.
  package init(name: String, value: String) throws(LoadError) {
    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw LoadError("The value of the header \(name) has a control character.")
    }
    self.name = name
    self.value = value
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
