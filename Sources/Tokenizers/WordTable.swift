/// Finds normal pieces of a vocabulary by their bytes.
package struct WordTable: Sendable {
  private let tokens: [ArraySlice<UInt8>: Token]
  private let longest: Int

  /// Creates the table of a vocabulary.
  package init(_ vocabulary: Vocabulary) {
    var tokens: [ArraySlice<UInt8>: Token] = [:]
    for (token, kind) in vocabulary.kinds.enumerated() where kind == .normal {
      tokens[vocabulary.texts[token]] = Token(token)
    }
    longest = tokens.keys.map(\.count).max() ?? 0
    self.tokens = tokens
  }

  /// The token whose piece is this word, if there is one.
  package subscript(word: ArraySlice<UInt8>) -> Token? {
    word.count <= longest ? tokens[word] : nil
  }
}
