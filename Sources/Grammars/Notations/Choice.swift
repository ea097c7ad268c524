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
    for text in Set(texts).sorted() { branches.append(text.isEmpty ? .empty : Regex(text)) }
    return .any(branches)
  }
}
