/// Turns tokens into text as they come, and never splits a character.
///
/// Bytes that begin a character wait until the character is complete. Bytes that cannot become one
/// are replaced by U+FFFD, one for each maximal subpart as Unicode recommends; so the texts that
/// come out, joined, are what decoding all the bytes at once would give.
///
/// Where the vocabulary reads a text as if a space stood before it, a space that begins the text is
/// left out. Where its decoder leaves spaces out at the end, so many wait until the text goes on.
public struct Detokenizer: Sendable {
  private let tokenizer: Tokenizer
  private let showsControlTokens: Bool
  /// Whether a space that comes next is left out.
  private var stripsSpace: Bool
  /// The beginning of a character, at most three bytes between calls.
  private var pending: [UInt8] = []

  /// Creates a detokenizer at the beginning of a text.
  ///
  /// - Parameters:
  ///   - tokenizer: Knows the bytes of each token.
  ///   - showsControlTokens: Whether control tokens become their names, or nothing.
  ///   - previous: The token before the text, if the text goes on; after a control token a new one
  ///     begins.
  public init(
    _ tokenizer: Tokenizer, showsControlTokens: Bool = false, after previous: Token? = nil
  ) {
    self.tokenizer = tokenizer
    let continues = previous.map { !tokenizer.textBytes(of: $0).isEmpty } ?? false
    stripsSpace = tokenizer.stripsLeadingSpace && !continues
    self.showsControlTokens = showsControlTokens
  }

  /// Takes a token and returns the text that is now complete, which may be empty.
  public mutating func append(_ token: Token) -> String {
    var bytes = tokenizer.textBytes(of: token)
    if stripsSpace, let first = bytes.first {
      if first == UInt8(ascii: " ") { bytes = bytes.dropFirst() }
      stripsSpace = false
    }
    pending += bytes
    if showsControlTokens, let name = tokenizer.specialText(of: token) { pending += name.utf8 }
    let complete = pending.count - pending.unfinishedLength
    let end = complete - spaces(before: complete)
    guard end > 0 else { return "" }
    defer { pending.removeFirst(end) }
    return String(decoding: pending[..<end], as: UTF8.self)
  }

  /// Ends the text and returns what was held back: U+FFFD for a character that never ended.
  public mutating func finish() -> String {
    defer { pending.removeAll() }
    let end = pending.count - spaces(before: pending.count)
    return String(decoding: pending[..<end], as: UTF8.self)
  }

  /// Returns how many of the spaces before a place are left out if the text ends there.
  private func spaces(before end: Int) -> Int {
    let space = UInt8(ascii: " ")
    return pending[..<end].suffix(tokenizer.trailingSpaces).reversed().prefix { $0 == space }.count
  }
}
