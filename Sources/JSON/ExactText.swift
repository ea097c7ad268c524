/// A text compared by its bytes; `String` calls two spellings of an accented letter equal.
package struct ExactText: Sendable, Hashable, ExpressibleByStringLiteral {
  /// The text.
  package let text: String

  /// Creates a text that is compared by its bytes.
  package init(_ text: some StringProtocol) { self.text = String(text) }

  package init(stringLiteral value: String) { text = value }

  package static func == (one: ExactText, other: ExactText) -> Bool {
    one.text.utf8.elementsEqual(other.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }
}
