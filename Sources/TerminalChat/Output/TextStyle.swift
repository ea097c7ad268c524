/// How a terminal shows a text.
package struct TextStyle: OptionSet, Hashable, Sendable {
  /// A bit for each style.
  package let rawValue: UInt8

  /// Creates a style of bits.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Strong emphasis, and headings.
  package static let bold = TextStyle(rawValue: 1)
  /// What is less important than the answer.
  package static let dim = TextStyle(rawValue: 2)
  /// Emphasis.
  package static let italic = TextStyle(rawValue: 4)
  /// The greatest headings, which are bold as well.
  package static let underlined = TextStyle(rawValue: 8)
  /// What is to be copied as it is: code.
  package static let code = TextStyle(rawValue: 16)

  /// The numbers of ECMA-48's "select graphic rendition"; code is cyan.
  private static let renditions: [(style: TextStyle, number: String)] = [
    (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underlined, "4"), (.code, "36"),
  ]

  /// A text between what switches the style on and off.
  package func applied(to text: String) -> String {
    guard !isEmpty, !text.isEmpty else { return text }
    let numbers = Self.renditions.filter { contains($0.style) }.map(\.number)
    return "\u{1B}[\(numbers.joined(separator: ";"))m\(text)\u{1B}[0m"
  }
}
