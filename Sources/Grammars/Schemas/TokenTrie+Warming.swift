extension TokenTrie {
  /// Finds out what tokens do within the strings that most schemas have, so that the first answers do not
  /// wait for it.
  package func warm() throws(GrammarError) {
    let counted = StringLanguages.counted(min: 1, max: nil)
    for lexeme in [
      Grammar.Lexeme(StringLanguages.canonical), Grammar.Lexeme(StringLanguages.any), counted,
    ] {
      var builder = GrammarBuilder()
      let root = builder.rule(named: "string")
      builder.define(root, as: builder.lexeme(lexeme))
      warm(try CompiledGrammar(builder.finished(start: root), trie: self))
    }
  }

  private func warm(_ grammar: CompiledGrammar) {
    var words = [UInt64](repeating: 0, count: (vocabularySize + 63) / 64)
    for beginning in ["", "\"", "\"a"] {
      var matcher = Matcher(grammar)
      _ = matcher.accept(bytes: beginning.utf8)
      words.withUnsafeMutableBufferPointer { matcher.allow(into: $0) }
    }
  }
}
