/// A token that is found in a text as a whole, before the text is cut into words.
package struct AddedToken: Sendable, Hashable {
  /// The token.
  package let token: Token
  /// What is looked for.
  package let content: [UInt8]
  /// Whether it is looked for after the text was normalized.
  package var isNormalized = false
  /// Whether white space before it belongs to it.
  package var stripsLeft = false
  /// Whether white space after it belongs to it.
  package var stripsRight = false
  /// Whether it is found only where no character of words touches it.
  package var isWord = false
  /// Whether only the template may write it.
  package var needsTemplate = true

  /// Creates a token that only the template may write.
  package init(_ token: Token, _ content: some Sequence<UInt8>) {
    self.token = token
    self.content = Array(content)
  }

  /// Returns whether a user-defined token is text like any other, not a mark between texts: white
  /// space, or a tag of HTML.
  package static func isPlainText(_ content: some Collection<UInt8>) -> Bool {
    let text = String(decoding: content, as: UTF8.self)
    if text.unicodeScalars.allSatisfy({ $0.properties.isWhitespace || $0 == "\u{2581}" }) {
      return true
    }
    guard text.hasPrefix("<"), text.hasSuffix(">") else { return false }
    let name = text.dropFirst().dropLast()
    return htmlTags.contains(name.hasPrefix("/") ? String(name.dropFirst()) : String(name))
  }

  /// The tags that published vocabularies hold as text.
  private static let htmlTags: Set<String> = [
    "a", "b", "blockquote", "br", "caption", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "li", "ol", "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul",
  ]
}
