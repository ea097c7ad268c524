extension Vocabulary {
  /// What a model file states of a vocabulary of Unigram beside its pieces.
  public struct UnigramForm: Sendable {
    /// The logarithm of how likely each token is `[V]`.
    public var scores: [Float]
    /// Whether text is read as if a space stood before it.
    public var addsSpacePrefix = true
    /// Whether several spaces are read as one, and those at the ends are left out.
    public var joinsSpaces = true
    /// The compiled map of characters, if there is one.
    public var characterMap: [UInt8]?

    /// Creates a form with the usual rules.
    public init(scores: [Float]) {
      self.scores = scores
    }
  }

  /// Checks what a model file states of a vocabulary of Unigram and makes one of it.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`, with U+2581 for spaces.
  ///   - kinds: What each token is for `[V]`.
  ///   - form: Scores and what is done to text first.
  ///   - marks: What is at the ends of prompts and answers.
  /// - Throws: An error that names the part that is at fault.
  public init(
    pieces: [String], kinds: [TokenKind], unigram form: UnigramForm, marks: SequenceMarks
  ) throws(VocabularyError) {
    var check = VocabularyCheck(pieces: pieces, kinds: kinds)
    try check.counts(merges: 0)
    try check.scores(form.scores)
    _ = try check.pieceTable()
    var normalizer = TextNormalizer()
    if let map = form.characterMap, !map.isEmpty {
      normalizer.steps.append(.characterMap(try CharacterMap(map), byCluster: false))
    }
    if form.joinsSpaces {
      normalizer.steps += [.singleSpaces, .stripSpaces]
    }
    normalizer.readsMarkAsSpace = true
    normalizer.prefix = form.addsSpacePrefix ? .always : .none
    let texts = try check.texts(normalizer)
    check.leaveOut { $0.utf8.contains(UInt8(ascii: " ")) }
    try check.coverage()
    try check.unigramLengths(texts)
    let added = check.addedTokens(texts)
    let fallsBack = check.kinds.contains(.byte)
    var rules = SubwordRules(
      units: .unigram(
        UnigramRules(scores: form.scores.map { Double($0) }, fallsBackToBytes: fallsBack)),
      merges: [], splitter: check.spaceSplitter(texts))
    rules.normalizer = normalizer
    rules.stripsLeadingSpace = form.addsSpacePrefix
    try self.init(check, texts: texts, marks: marks, rules: rules, addedTokens: added)
  }

  /// What a model file states of a vocabulary of WordPiece beside its pieces.
  public struct WordPieceForm: Sendable {
    /// Whether text is lower-cased; nil where no piece with a capital letter says that it is.
    public var lowercases: Bool?
    /// Whether accents are left out; nil where they are if text is lower-cased.
    public var stripsAccents: Bool?

    /// Creates a form that asks the pieces.
    public init() {}
  }

  /// Checks what a model file states of a vocabulary of WordPiece and makes one of it.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`, with U+2581 in front where it begins a word.
  ///   - kinds: What each token is for `[V]`.
  ///   - form: What is done to text first.
  ///   - marks: What is at the ends of prompts and answers.
  /// - Throws: An error that names the part that is at fault.
  public init(
    pieces: [String], kinds: [TokenKind], wordPiece form: WordPieceForm, marks: SequenceMarks
  ) throws(VocabularyError) {
    let check = VocabularyCheck(pieces: pieces, kinds: kinds)
    try check.counts(merges: 0)
    _ = try check.pieceTable()
    guard kinds.contains(.unknown) else {
      throw VocabularyError(.missing, field: .pieces, "no unknown token; text could be lost")
    }
    try check.trieSize()
    var wordPiece = WordPieceRules()
    wordPiece.spelling = .beginning
    let texts = try check.texts(wordPiece)
    let hasCapitals = zip(pieces, kinds).contains { piece, kind in
      kind == .normal && piece.utf8.contains { (0x41...0x5A).contains($0) }
    }
    let lowercases = form.lowercases ?? !hasCapitals
    var rules = SubwordRules(
      units: .wordPiece(wordPiece, pieces: pieces), merges: [], splitter: BertSplitter())
    rules.normalizer.steps = NormalizerStep.bert(
      cleans: true, spacesHan: true, stripsAccents: form.stripsAccents ?? lowercases,
      lowercases: lowercases)
    rules.stripsLeadingSpace = true
    try self.init(
      check, texts: texts, marks: marks, rules: rules, addedTokens: check.addedTokens(texts))
  }
}

extension NormalizerStep {
  /// What the tokenizer of BERT does to text.
  static func bert(
    cleans: Bool, spacesHan: Bool, stripsAccents: Bool, lowercases: Bool
  ) -> [NormalizerStep] {
    (cleans ? [.clean] : []) + (spacesHan ? [.spacedHan] : [])
      + (stripsAccents ? [.form(.nfd), .withoutNonspacingMarks] : [])
      + (lowercases ? [.lowercase] : [])
  }
}
