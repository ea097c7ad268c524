/// A vocabulary of byte strings by rank, as tiktoken has them: two neighbours whose bytes together
/// are the piece of lowest rank are joined first, and a word that is a piece is taken whole.
struct RankedPieces {
  private static let longestPiece = 512

  /// The bytes of each token `[V]`; empty where there is none.
  private(set) var texts: [[UInt8]]
  /// What each token is for `[V]`.
  private(set) var kinds: [TokenKind]

  /// Creates a vocabulary of as many rows, in which there is nothing.
  init(rows: Int) throws(VocabularyError) {
    guard (1...Vocabulary.maximumCount).contains(rows) else {
      throw VocabularyError(
        .limit, field: .rows, "\(rows) rows; at least 1, at most \(Vocabulary.maximumCount)")
    }
    texts = Array(repeating: [], count: rows)
    kinds = Array(repeating: .unused, count: rows)
  }

  /// Places a piece or a special token.
  mutating func place(
    _ text: [UInt8], at token: Int, as kind: TokenKind
  ) throws(VocabularyError) {
    guard texts.indices.contains(token) else {
      throw VocabularyError(
        .invalid, field: .pieces, "token \(token) is not in a vocabulary of \(texts.count) rows")
    }
    guard kinds[token] == .unused else {
      throw VocabularyError(.duplicate, field: .pieces, "token \(token) stands twice")
    }
    guard !text.isEmpty, text.count <= Self.longestPiece else {
      throw VocabularyError(
        text.isEmpty ? .invalid : .limit, field: .pieces,
        "token \(token): \(text.count) bytes; at least 1, at most \(Self.longestPiece)")
    }
    texts[token] = text
    kinds[token] = kind
  }

  /// Returns the merges that the ranks amount to: every way to cut a piece in two pieces.
  func merges() throws(VocabularyError) -> [Merge] {
    var strings = ByteStrings()
    for text in texts { strings.append(text) }
    var table = PieceTable(strings)
    for token in texts.indices where kinds[token] == .normal {
      if let earlier = table.insert(token) {
        throw VocabularyError(
          .duplicate, field: .pieces, "token \(token): the piece of token \(earlier) again")
      }
    }
    var merges: [Merge] = []
    for token in texts.indices where kinds[token] == .normal {
      let text = texts[token][...]
      for cut in text.indices.dropFirst() {
        guard let left = table[text[..<cut]], let right = table[text[cut...]] else { continue }
        merges.append(
          Merge(
            left: Token(left), right: Token(right), result: Token(token),
            rank: Int32(clamping: token)))
      }
      guard merges.count <= Vocabulary.maximumCount else {
        throw VocabularyError(
          .limit, field: .pieces, "more than \(Vocabulary.maximumCount) ways to join pieces")
      }
    }
    return merges
  }
}

extension Vocabulary {
  /// Makes a vocabulary of ranked pieces.
  init(
    _ ranked: RankedPieces, splitter: any TextSplitter, composes: Bool = false,
    marks: SequenceMarks
  ) throws(VocabularyError) {
    let pieces = zip(ranked.texts, ranked.kinds).map { text, kind in
      kind == .normal ? ByteAlphabet.piece(for: text) : String(decoding: text, as: UTF8.self)
    }
    var check = VocabularyCheck(pieces: pieces, kinds: ranked.kinds)
    try check.counts(merges: 0)
    let (texts, added) = try check.byteLevelTexts()
    var rules = SubwordRules(units: .bytes, merges: try ranked.merges(), splitter: splitter)
    rules.takesWholeWords = true
    rules.normalizer.composes = composes
    try self.init(check, texts: texts, marks: marks, rules: rules, addedTokens: added)
  }
}
