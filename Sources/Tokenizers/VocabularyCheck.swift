/// The rules that a vocabulary must keep, each as a function that throws where it is broken.
struct VocabularyCheck {
  private static let maximumPieceLength = 1 << 16
  private static let maximumSpecialBytes = 1 << 21

  let pieces: [String]
  private(set) var kinds: [TokenKind]

  func counts(merges: Int) throws(VocabularyError) {
    let limit = Vocabulary.maximumCount
    if pieces.isEmpty {
      throw VocabularyError(.invalid, field: .pieces, "the vocabulary is empty")
    }
    if pieces.count > limit {
      throw VocabularyError(
        .limit, field: .pieces, "\(pieces.count) pieces; at most \(limit)")
    }
    if kinds.count != pieces.count {
      throw VocabularyError(
        .invalid, field: .kinds, "\(kinds.count) kinds of \(pieces.count) pieces")
    }
    if merges > limit {
      throw VocabularyError(
        .limit, field: .merges, "\(merges) merges; at most \(limit)")
    }
  }

  func marks(_ marks: SequenceMarks) throws(VocabularyError) {
    try token(marks.beginningOfSequence, field: .beginningOfSequence)
    try token(marks.endOfSequence, field: .endOfSequence)
    try token(marks.closing, field: .endOfSequence)
    for separator in marks.separators { try token(separator, field: .endOfSequence) }
    for end in marks.additionalEnds.sorted() { try token(end, field: .additionalEnd) }
    if marks.addsBeginning, marks.beginningOfSequence == nil {
      throw VocabularyError(
        .missing, field: .beginningOfSequence, "prompts are to begin with a token that is not named"
      )
    }
  }

  func scores(_ scores: [Float]) throws(VocabularyError) {
    guard scores.count == pieces.count else {
      throw VocabularyError(
        scores.isEmpty ? .missing : .invalid, field: .scores,
        "\(scores.count) scores of \(pieces.count) pieces")
    }
    if let token = scores.firstIndex(where: { !$0.isFinite }) {
      throw VocabularyError(
        .invalid, field: .scores, "the score of token \(token) is \(scores[token])")
    }
  }

  /// Every character must become some token: its bytes, or the unknown token.
  func coverage() throws(VocabularyError) {
    guard !kinds.contains(.unknown) else { return }
    let bytes = Set(kinds.indices.filter { kinds[$0] == .byte }.map { pieces[$0] })
    guard bytes.count < 256 else { return }
    throw VocabularyError(
      .missing, field: .pieces,
      "\(bytes.count) tokens for bytes and no unknown token; text could be lost")
  }

  private func token(_ token: Token?, field: VocabularyField) throws(VocabularyError) {
    guard let token, token < 0 || token >= pieces.count else { return }
    throw VocabularyError(
      .invalid, field: field, "token \(token) is not in a vocabulary of \(pieces.count)")
  }

  func splitter(named name: String) throws(VocabularyError) -> any TextSplitter {
    if let splitter = TextSplitters.named(name) { return splitter }
    let known = TextSplitters.all.flatMap(\.names).joined(separator: ", ")
    throw VocabularyError(
      .unsupported, field: .preTokenizer,
      "no pattern is called \(name.prefix(40).debugDescription); known: \(known)")
  }

  /// Returns the bytes of each piece of a byte-level vocabulary, and the tokens that are found as a
  /// whole.
  ///
  /// Published vocabularies have pieces that are not in the byte alphabet: text that may be answered,
  /// but is never found.
  mutating func byteLevelTexts() throws(VocabularyError) -> (ByteStrings, [AddedToken]) {
    let specials = kinds
    leaveOut { ByteAlphabet.bytes(of: $0) == nil }
    let texts = try texts { (token, piece) throws(VocabularyError) in
      kinds[token] == .normal ? ByteAlphabet.bytes(of: piece) ?? [] : Array(piece.utf8)
    }
    return (texts, VocabularyCheck(pieces: pieces, kinds: specials).addedTokens(texts))
  }

  /// Returns the bytes of each piece of a vocabulary of WordPiece.
  func texts(_ rules: WordPieceRules) throws(VocabularyError) -> ByteStrings {
    try texts { (_, piece) throws(VocabularyError) in rules.written(piece) }
  }

  /// Pieces that are looked for together must not be more bytes than a trie can number.
  func trieSize() throws(VocabularyError) {
    let limit = 1 << 28
    let bytes = zip(pieces, kinds).reduce(0) { $0 + ($1.1 == .normal ? $1.0.utf8.count : 0) }
    guard bytes <= limit else {
      throw VocabularyError(
        .limit, field: .pieces, "pieces of \(bytes) bytes; at most \(limit)")
    }
  }

  /// Pieces of Unigram must be short enough to be looked for everywhere.
  func unigramLengths(_ texts: ByteStrings) throws(VocabularyError) {
    try trieSize()
    for token in kinds.indices where kinds[token] == .normal {
      let count = texts[token].count
      guard count <= UnigramEncoding.longestPiece else {
        throw fault(.limit, token, "\(count) bytes; at most \(UnigramEncoding.longestPiece)")
      }
    }
  }

  /// Returns the bytes of each piece of a vocabulary of characters.
  func texts(_ normalizer: TextNormalizer) throws(VocabularyError) -> ByteStrings {
    try texts { (_, piece) throws(VocabularyError) in normalizer.text(of: piece) }
  }

  private func texts(
    _ text: (Int, String) throws(VocabularyError) -> [UInt8]
  ) throws(VocabularyError) -> ByteStrings {
    var texts = ByteStrings()
    for (token, (piece, kind)) in zip(pieces, kinds).enumerated() {
      guard piece.utf8.count <= Self.maximumPieceLength else {
        throw fault(.limit, token, "\(piece.utf8.count) bytes; at most \(Self.maximumPieceLength)")
      }
      if piece.isEmpty, kind == .control || kind == .userDefined {
        throw fault(.invalid, token, "a special token is empty")
      }
      switch kind {
      case .normal, .userDefined: texts.append(try text(token, piece))
      case .byte: texts.append(CollectionOfOne(try byte(of: piece, token)))
      case .control, .unknown, .unused: texts.append(piece.utf8)
      }
    }
    return texts
  }

  /// Takes those out of the pieces that merges may make that no text can spell.
  mutating func leaveOut(_ isUnspeakable: (String) -> Bool) {
    for token in kinds.indices where kinds[token] == .normal && isUnspeakable(pieces[token]) {
      kinds[token] = .userDefined
    }
  }

  /// Returns what cuts text where no merge could join it, as far as that is cheap to know.
  func spaceSplitter(_ texts: ByteStrings) -> any TextSplitter {
    let space = UInt8(ascii: " ")
    let crosses = kinds.indices.contains { token in
      let text = texts[token]
      return kinds[token] == .normal
        && zip(text, text.dropFirst()).contains { $0 != space && $1 == space }
    }
    return crosses ? WholeTextSplitter() : SpaceSplitter(joinsSpaces: true)
  }

  /// Returns the tokens that are found as a whole.
  func addedTokens(_ texts: ByteStrings) -> [AddedToken] {
    kinds.indices.filter { kinds[$0] == .control || kinds[$0] == .userDefined }
      .map { token in
        var added = AddedToken(Token(token), texts[token])
        added.needsTemplate = kinds[token] == .control || !AddedToken.isPlainText(added.content)
        return added
      }
  }

  func lengths(of added: [AddedToken]) throws(VocabularyError) {
    let bytes = added.reduce(0) { $0 + $1.content.count }
    if bytes > Self.maximumSpecialBytes {
      throw VocabularyError(
        .limit, field: .pieces,
        "special tokens of \(bytes) bytes; at most \(Self.maximumSpecialBytes)")
    }
  }

  /// Returns the merges as tokens.
  ///
  /// - Parameter skipsOthers: Whether merges of other than normal pieces are left out.
  func merges(
    _ merges: [String], skipsOthers: Bool = false
  ) throws(VocabularyError) -> [Merge] {
    var pairs = MergePairs(try pieceTable(), kinds)
    for (rank, text) in merges.enumerated() {
      try pairs.add(text, rank: rank, skipsOthers: skipsOthers)
    }
    return pairs.merges
  }

  /// Returns the pieces by their UTF-8 text, having found that no two are equal.
  func pieceTable() throws(VocabularyError) -> PieceTable {
    // Bytes and not strings: to a string, precomposed and decomposed letters are the same.
    var strings = ByteStrings()
    for piece in pieces { strings.append(piece.utf8) }
    var table = PieceTable(strings)
    for token in pieces.indices where kinds[token] != .unused {
      if let earlier = table.insert(token) {
        throw fault(.duplicate, token, "the piece of token \(earlier) again")
      }
    }
    return table
  }

  private func byte(of piece: String, _ token: Int) throws(VocabularyError) -> UInt8 {
    let digits = piece.utf8.dropFirst(3).dropLast()
    guard piece.utf8.count == 6, piece.hasPrefix("<0x"), piece.hasSuffix(">"),
      digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let byte = UInt8(Substring(digits), radix: 16)
    else { throw fault(.invalid, token, "a byte token is not written like <0x1F>") }
    return byte
  }

  private func fault(_ kind: VocabularyError.Kind, _ token: Int, _ detail: String)
    -> VocabularyError
  {
    VocabularyError(kind, field: .pieces, "token \(token): \(detail)")
  }
}

/// Merges as they are found in a vocabulary.
struct MergePairs {
  private(set) var merges: [Merge] = []
  private let table: PieceTable
  private let kinds: [TokenKind]
  private var known: Set<UInt64> = []

  init(_ table: PieceTable, _ kinds: [TokenKind]) {
    self.table = table
    self.kinds = kinds
  }

  /// Adds the merge of two pieces.
  ///
  /// A merge must never make a control token out of text, so it may only name normal pieces.
  ///
  /// - Parameter skipsOthers: Whether a merge of pieces of other kinds is left out, not refused.
  mutating func add(
    _ left: [UInt8], _ right: [UInt8], rank: Int, skipsOthers: Bool = false
  ) throws(VocabularyError) {
    guard !left.isEmpty, !right.isEmpty,
      let first = table[left[...]], let second = table[right[...]]
    else { throw Self.fault(rank, "a part is no piece of the vocabulary") }
    guard let joined = table[(left + right)[...]] else {
      throw Self.fault(rank, "the result is no piece of the vocabulary")
    }
    guard [first, second, joined].allSatisfy({ kinds[$0] == .normal }) else {
      if skipsOthers { return }
      throw Self.fault(rank, "a piece is no normal one")
    }
    let merge = Merge(
      left: Token(first), right: Token(second), result: Token(joined), rank: Int32(clamping: rank))
    guard known.insert(merge.pair).inserted else {
      throw VocabularyError(.duplicate, field: .merges, "merge \(rank) stands in the list before")
    }
    merges.append(merge)
  }

  /// Adds the merge of two pieces with a space between them.
  mutating func add(
    _ text: String, rank: Int, skipsOthers: Bool = false
  ) throws(VocabularyError) {
    let parts = text.utf8.split(
      separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let first = parts.first, let second = parts.last else {
      throw Self.fault(rank, "no space between two pieces")
    }
    try add(Array(first), Array(second), rank: rank, skipsOthers: skipsOthers)
  }

  static func fault(_ rank: Int, _ detail: String) -> VocabularyError {
    VocabularyError(.invalid, field: .merges, "merge \(rank): \(detail)")
  }
}
