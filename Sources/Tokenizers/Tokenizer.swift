/// Turns text into tokens and tokens into bytes, by byte-level byte-pair encoding.
///
/// ```swift
/// let tokenizer = try Tokenizer(vocabulary)
/// tokenizer.encode("The capital of France is")  // [504, 3575, 282, 4649, 314]
/// ```
public struct Tokenizer: Sendable {
  /// The token that begins a prompt, if there is one.
  public let beginningOfSequence: Token?
  /// The token that ends a text, if there is one.
  public let endOfSequence: Token?

  /// Whether prompts begin with `beginningOfSequence`.
  public let addsBeginningOfSequence: Bool

  private let additionalEnds: Set<Token>
  private let texts: ByteStrings
  private let kinds: [TokenKind]
  private let splitter: any TextSplitter
  private let wholeWords: WordTable?
  private let encoding: BytePairEncoding
  private let specials: SpecialTokens

  /// Creates the tokenizer of a vocabulary.
  ///
  /// - Throws: An error where no piece of the vocabulary stands for a single byte, so that no
  ///   text could be read.
  public init(_ vocabulary: Vocabulary) throws(VocabularyError) {
    guard
      vocabulary.kinds.indices.contains(where: {
        vocabulary.kinds[$0] == .normal && vocabulary.texts[$0].count == 1
      })
    else {
      throw VocabularyError(
        .invalid, field: VocabularyField.pieces, "no normal piece stands for a single byte")
    }
    beginningOfSequence = vocabulary.beginningOfSequence
    endOfSequence = vocabulary.endOfSequence
    additionalEnds = vocabulary.additionalEnds
    addsBeginningOfSequence = vocabulary.addsBeginningOfSequence
    texts = vocabulary.texts
    kinds = vocabulary.kinds
    splitter = vocabulary.splitter
    wholeWords = splitter.takesWholeWords ? WordTable(vocabulary) : nil
    encoding = BytePairEncoding(vocabulary)
    specials = SpecialTokens(vocabulary)
  }

  /// How many tokens there are.
  public var count: Int { kinds.count }

  /// Returns the tokens of a prompt, after the beginning of sequence if the vocabulary wants it
  /// and the prompt does not itself begin with it.
  ///
  /// The text of a special token is recognised only where all of it was written by the template.
  /// Everything between special tokens is read as one text, whoever wrote its parts. A byte for
  /// which the vocabulary has no token becomes its unknown token, or nothing where it has none.
  ///
  /// - Complexity: O(*n* log *n*) in the length of the longest word, O(*n*) in all else.
  ///
  /// - Parameters:
  ///   - segments: The prompt, in pieces that know who wrote them.
  ///   - addsBeginning: Whether to begin with the beginning of sequence if the vocabulary wants it.
  public func encode(_ segments: [PromptSegment], addsBeginning: Bool = true) -> [Token] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(segments.reduce(0) { $0 + $1.text.utf8.count })
    var occurrences: [SpecialTokens.Occurrence] = []
    var templateStart = 0
    for segment in segments where !segment.text.isEmpty {
      if segment.source == .content {
        occurrences += specials.occurrences(in: bytes, templateStart..<bytes.count)
        templateStart = bytes.count + segment.text.utf8.count
      }
      bytes += segment.text.utf8
    }
    occurrences += specials.occurrences(in: bytes, templateStart..<bytes.count)
    let tokens = encode(bytes, around: occurrences)
    if addsBeginning, addsBeginningOfSequence, let beginningOfSequence,
      tokens.first != beginningOfSequence
    {
      return [beginningOfSequence] + tokens
    }
    return tokens
  }

  /// Returns the tokens of plain text, whatever it spells: no control token, and no beginning of
  /// sequence.
  public func encode(_ text: String) -> [Token] {
    encode(Array(text.utf8), around: [])
  }

  /// Returns the bytes of text that a token stands for: none for control tokens, for the unknown
  /// token, and for numbers that are not in the vocabulary.
  public func bytes(of token: Token) -> [UInt8] { Array(textBytes(of: token)) }

  /// Returns the name of a control token or of the unknown token, such as `<|im_end|>`, or nil.
  public func specialText(of token: Token) -> String? {
    switch kind(of: token) {
    case .control, .unknown: String(decoding: texts[Int(token)], as: UTF8.self)
    case .normal, .userDefined, .unused, .byte, nil: nil
    }
  }

  /// The token that stands before a new document: the beginning of sequence where prompts have one,
  /// else the end of text by its usual name, else what the vocabulary has.
  package var documentStart: Token? {
    if addsBeginningOfSequence, let beginningOfSequence { return beginningOfSequence }
    let named = encode([PromptSegment("<|endoftext|>", from: .template)])
    return named.count == 1 ? named.first : beginningOfSequence ?? endOfSequence
  }

  /// All tokens that end an answer.
  package var endsOfSequence: Set<Token> {
    endOfSequence.map { additionalEnds.union([$0]) } ?? additionalEnds
  }

  /// Returns whether the token ends an answer.
  public func isEndOfSequence(_ token: Token) -> Bool {
    token == endOfSequence || additionalEnds.contains(token)
  }

  /// Returns what a token is for, or nil where it is not in the vocabulary.
  package func kind(of token: Token) -> TokenKind? {
    kinds.indices.contains(Int(token)) ? kinds[Int(token)] : nil
  }

  /// Returns what `bytes(of:)` does, without copying.
  package func textBytes(of token: Token) -> ArraySlice<UInt8> {
    switch kind(of: token) {
    case .normal, .userDefined, .byte: texts[Int(token)]
    case .control, .unknown, .unused, nil: []
    }
  }

  private func encode(
    _ bytes: [UInt8], around occurrences: [SpecialTokens.Occurrence]
  ) -> [Token] {
    var tokens: [Token] = []
    var workspace = BytePairEncoding.Workspace()
    var start = 0
    for occurrence in occurrences {
      let text = ClassifiedText(bytes, end: occurrence.range.lowerBound)
      appendTokens(of: text, from: start, to: &tokens, using: &workspace)
      tokens.append(occurrence.token)
      start = occurrence.range.upperBound
    }
    let text = ClassifiedText(bytes, end: bytes.count)
    appendTokens(of: text, from: start, to: &tokens, using: &workspace)
    return tokens
  }

  private func appendTokens(
    of text: ClassifiedText, from start: Int, to tokens: inout [Token],
    using workspace: inout BytePairEncoding.Workspace
  ) {
    var start = start
    while start < text.end {
      let end = splitter.endOfWord(from: start, in: text)
      let word = text.bytes[start..<end]
      if let token = wholeWords?[word] {
        tokens.append(token)
      } else {
        encoding.encode(word, into: &tokens, using: &workspace)
      }
      start = end
    }
  }
}
