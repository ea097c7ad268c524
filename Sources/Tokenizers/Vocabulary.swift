/// What a vocabulary entry is for.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum TokenKind: Sendable, Hashable {
  /// A piece of text.
  case normal
  /// What stands for text that no piece covers.
  case unknown
  /// A mark with a meaning of its own, such as the end of a message; it has no text.
  case control
  /// A piece of text that is recognised as a whole, written as it is.
  case userDefined
  /// A number without a meaning.
  case unused
  /// One byte, written `<0x1F>`.
  case byte
}

/// The vocabulary of a tokenizer as model files state it, found to be consistent.
public struct Vocabulary: Sendable {
  /// Entries that a vocabulary may have at most.
  public static let maximumCount = 1 << 24

  /// The bytes of each entry `[V]`: text for pieces, the name for control tokens.
  package let texts: ByteStrings
  /// What each entry is for `[V]`.
  package let kinds: [TokenKind]
  /// What is at the ends of prompts and answers.
  package let marks: SequenceMarks
  /// The tokens that are found in a text as a whole.
  package let addedTokens: [AddedToken]
  /// How ordinary text becomes tokens.
  let rules: SubwordRules

  /// How many entries there are.
  public var count: Int { kinds.count }

  /// Puts a vocabulary together of parts that were checked.
  init(
    _ check: VocabularyCheck, texts: ByteStrings, marks: SequenceMarks, rules: SubwordRules,
    addedTokens: [AddedToken]
  ) throws(VocabularyError) {
    try check.marks(marks)
    try check.lengths(of: addedTokens)
    var marks = marks
    marks.additionalEnds.formUnion(SequenceMarks.namedEnds(check.pieces, check.kinds))
    var kinds = check.kinds
    let ends = marks.additionalEnds.union([marks.endOfSequence, marks.closing].compactMap { $0 })
    for end in ends where kinds[Int(end)] == .userDefined { kinds[Int(end)] = .control }
    self.texts = texts
    self.kinds = kinds
    self.marks = marks
    self.rules = rules
    self.addedTokens = addedTokens.map { added in
      var added = added
      if kinds[Int(added.token)] == .control { added.needsTemplate = true }
      return added
    }
  }

  /// Checks what a model file states of a byte-level vocabulary and makes one of it.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`, normal ones in the byte alphabet.
  ///   - kinds: What each token is for `[V]`.
  ///   - merges: Pairs of pieces separated by a space, in descending priority.
  ///   - preTokenizer: The name of the pattern that cuts text into words.
  ///   - marks: What is at the ends of prompts and answers.
  /// - Throws: An error that names the part that is at fault.
  public init(
    pieces: [String], kinds: [TokenKind], merges: [String], preTokenizer: String,
    marks: SequenceMarks
  ) throws(VocabularyError) {
    var check = VocabularyCheck(pieces: pieces, kinds: kinds)
    try check.counts(merges: merges.count)
    try check.marks(marks)
    let splitter = try check.splitter(named: preTokenizer)
    let (texts, added) = try check.byteLevelTexts()
    var rules = SubwordRules(
      units: .bytes, merges: try check.merges(merges), splitter: splitter)
    rules.takesWholeWords = splitter.takesWholeWords
    try self.init(check, texts: texts, marks: marks, rules: rules, addedTokens: added)
  }

  /// Checks what a model file states of a SentencePiece vocabulary and makes one of it.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`, with U+2581 for spaces.
  ///   - kinds: What each token is for `[V]`.
  ///   - scores: The priority of each token `[V]`: two neighbours whose text together has the
  ///     highest score are joined first.
  ///   - addsSpacePrefix: Whether text is read as if a space stood before it.
  ///   - marks: What is at the ends of prompts and answers.
  /// - Throws: An error that names the part that is at fault.
  public init(
    pieces: [String], kinds: [TokenKind], scores: [Float], addsSpacePrefix: Bool,
    marks: SequenceMarks
  ) throws(VocabularyError) {
    var check = VocabularyCheck(pieces: pieces, kinds: kinds)
    try check.counts(merges: 0)
    try check.scores(scores)
    _ = try check.pieceTable()
    var normalizer = TextNormalizer()
    normalizer.readsMarkAsSpace = true
    normalizer.prefix = addsSpacePrefix ? .always : .none
    let texts = try check.texts(normalizer)
    // To SentencePiece, a piece of plain text that the user defined does not begin a text anew.
    let added = check.addedTokens(texts).map { added in
      var added = added
      added.isNormalized = kinds[Int(added.token)] == .userDefined && !added.needsTemplate
      return added
    }
    check.leaveOut { $0.utf8.contains(UInt8(ascii: " ")) }
    try check.coverage()
    let scored = try ScoredMerges(texts: texts, kinds: check.kinds, scores: scores)
    var rules = SubwordRules(
      units: .characters(scored.letters, fusesUnknown: true), merges: scored.merges,
      splitter: check.spaceSplitter(texts))
    rules.normalizer = normalizer
    rules.stripsLeadingSpace = addsSpacePrefix
    try self.init(check, texts: texts, marks: marks, rules: rules, addedTokens: added)
  }

  /// Checks what a model file states of a vocabulary of characters and makes one of it.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`, with U+2581 for spaces.
  ///   - kinds: What each token is for `[V]`.
  ///   - merges: Pairs of pieces separated by a space, in descending priority.
  ///   - marks: What is at the ends of prompts and answers.
  /// - Throws: An error that names the part that is at fault.
  public init(
    characters pieces: [String], kinds: [TokenKind], merges: [String], marks: SequenceMarks
  ) throws(VocabularyError) {
    let check = VocabularyCheck(pieces: pieces, kinds: kinds)
    try check.counts(merges: merges.count)
    var normalizer = TextNormalizer()
    normalizer.readsMarkAsSpace = true
    let texts = try check.texts(normalizer)
    try check.coverage()
    var rules = SubwordRules(
      units: .characters([], fusesUnknown: true),
      merges: try check.merges(merges, skipsOthers: true),
      splitter: check.spaceSplitter(texts))
    rules.normalizer = normalizer
    try self.init(
      check, texts: texts, marks: marks, rules: rules, addedTokens: check.addedTokens(texts))
  }

  /// What finds the tokens of a word.
  package func makeModel() -> any SubwordModel {
    switch rules.units {
    case .bytes: BytePairEncoding(self)
    case .characters: SentencePieceEncoding(self)
    case .unigram(let rules): UnigramEncoding(self, rules)
    case .wordPiece(let rules, let pieces): WordPieceEncoding(self, rules, pieces: pieces)
    }
  }

  /// The merges.
  package var merges: [Merge] { rules.merges }

  /// Characters that stand in pieces and are none themselves, numbered from the end on.
  var lettersOfPieces: [[UInt8]] {
    if case .characters(let letters, _) = rules.units { letters } else { [] }
  }

  /// Whether unknown characters in a row are one token.
  var fusesUnknown: Bool {
    if case .characters(_, let fuses) = rules.units { fuses } else { false }
  }
}

/// How ordinary text becomes tokens.
struct SubwordRules: Sendable {
  /// What a word begins as a token for each of.
  enum Units: Sendable {
    case bytes
    /// Characters; with those that stand in pieces and are none themselves, numbered from the end of
    /// the vocabulary on, and whether unknown characters in a row are one token.
    case characters([[UInt8]], fusesUnknown: Bool)
    /// No tokens: the likeliest pieces are found at once.
    case unigram(UnigramRules)
    /// No tokens: the longest pieces are found from the beginning on, in these spellings.
    case wordPiece(WordPieceRules, pieces: [String])
  }

  let units: Units
  let merges: [Merge]
  let splitter: any TextSplitter
  /// Whether a word that is itself a piece is taken whole, without asking the merges.
  var takesWholeWords = false
  /// What is done to text before normalized added tokens are looked for.
  var normalizer = TextNormalizer()
  /// What is done to text after that.
  var preparation = TextNormalizer()
  /// Whether the first space of a text is not part of it.
  var stripsLeadingSpace = false
  /// Spaces at the end of a text that are not part of it, at most.
  var trailingSpaces = 0
}

/// Many byte strings in one piece of memory.
package struct ByteStrings: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// Creates an empty list.
  package init() {}

  /// How many strings there are.
  package var count: Int { ends.count }

  /// Adds a string at the end.
  package mutating func append(_ string: some Sequence<UInt8>) {
    bytes += string
    ends.append(bytes.count)
  }

  /// The string at a position that must be in range.
  package subscript(position: Int) -> ArraySlice<UInt8> {
    bytes[(position > 0 ? ends[position - 1] : 0)..<ends[position]]
  }
}
