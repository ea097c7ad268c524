/// What a vocabulary entry is for; the raw values are those of model files.
public enum TokenKind: Int32, Sendable, Hashable {
  /// A piece of text, written in the byte alphabet.
  case normal = 1
  /// What stands for bytes that no piece covers.
  case unknown = 2
  /// A mark with a meaning of its own, such as the end of a message; it has no text.
  case control = 3
  /// A piece of text that is recognised as a whole, written as it is.
  case userDefined = 4
  /// A number without a meaning.
  case unused = 5
  /// One byte, written `<0x1F>`.
  case byte = 6
}

/// The vocabulary of a byte-level tokenizer as a model file states it, found to be consistent.
public struct Vocabulary: Sendable {
  /// Entries that a vocabulary may have at most.
  public static let maximumCount = 1 << 24

  /// The bytes of each entry `[V]`: text for pieces, the name for control tokens.
  package let texts: ByteStrings
  /// What each entry is for `[V]`.
  package let kinds: [TokenKind]
  /// The merges in descending priority.
  package let merges: [Merge]
  /// How text is cut into words.
  package let splitter: any TextSplitter
  /// The token that begins a prompt, if there is one.
  package let beginningOfSequence: Token?
  /// The token that ends a text, if there is one.
  package let endOfSequence: Token?
  /// Further tokens that end an answer.
  package let additionalEnds: Set<Token>
  /// Whether prompts begin with `beginningOfSequence`.
  package let addsBeginningOfSequence: Bool

  /// How many entries there are.
  public var count: Int { kinds.count }

  /// Checks what a model file states and makes a vocabulary of it.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`, normal ones in the byte alphabet.
  ///   - kinds: What each token is for `[V]`.
  ///   - merges: Pairs of pieces separated by a space, in descending priority.
  ///   - preTokenizer: The name of the pattern that cuts text into words.
  ///   - beginningOfSequence: The token that begins a prompt.
  ///   - endOfSequence: The token that ends a text.
  ///   - additionalEnds: Further tokens that end an answer.
  ///   - addsBeginningOfSequence: Whether prompts begin with `beginningOfSequence`.
  /// - Throws: An error that names the part that is at fault.
  public init(
    pieces: [String], kinds: [TokenKind], merges: [String], preTokenizer: String,
    beginningOfSequence: Token?, endOfSequence: Token?, additionalEnds: Set<Token>,
    addsBeginningOfSequence: Bool
  ) throws(VocabularyError) {
    let check = VocabularyCheck(pieces: pieces, kinds: kinds)
    try check.counts(merges: merges.count)
    try check.token(beginningOfSequence, field: VocabularyField.beginningOfSequence)
    try check.token(endOfSequence, field: VocabularyField.endOfSequence)
    for token in additionalEnds.sorted() {
      try check.token(token, field: VocabularyField.additionalEnd)
    }
    if addsBeginningOfSequence, beginningOfSequence == nil {
      throw VocabularyError(
        .missing, field: VocabularyField.beginningOfSequence,
        "prompts are to begin with a token that is not named")
    }
    splitter = try check.splitter(named: preTokenizer)
    texts = try check.texts()
    self.merges = try check.merges(merges)
    self.kinds = kinds
    self.beginningOfSequence = beginningOfSequence
    self.endOfSequence = endOfSequence
    self.additionalEnds = additionalEnds
    self.addsBeginningOfSequence = addsBeginningOfSequence
  }
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
