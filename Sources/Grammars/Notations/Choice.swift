/// Lists of texts to choose from.
package enum Choice {
  /// The most texts of a list.
  package static let limit = 10_000
  /// The most bytes of all texts of a list.
  package static let byteLimit = 1 << 20

  /// The language of a list of texts; some may be beginnings of others.
  package static func language(of texts: [String]) throws(GrammarError) -> Regex {
    if texts.isEmpty { throw GrammarError(.invalid, "has no choices") }
    if texts.count > limit { throw GrammarError(.tooComplex, "has more than \(limit) choices") }
    if texts.reduce(0, { $0 + $1.utf8.count }) > byteLimit {
      throw GrammarError(.tooComplex, "has choices of more than \(byteLimit) bytes")
    }
    var branches: [Regex] = []
    // By their bytes, as strings would be equal where only their characters are.
    let distinct = Set(texts.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
    for text in distinct { branches.append(text.isEmpty ? .empty : .literal(text)) }
    return .any(branches)
  }
}
