/// Turns text into tokens and tokens into bytes.
///
/// The tokenizer knows what is special: who wrote what, tokens that are found as a whole, the ends of
/// prompts. How the words in between become tokens is the subword model's.
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

  /// The token that closes a text whose meaning is wanted, if there is one.
  public let closing: Token?

  /// The tokens between the two texts of a pair; empty where the vocabulary knows no pairs.
  public let separators: [Token]

  /// The tokens about a gap that is to be filled, where the files name them.
  let gap: GapTokens?
  /// All tokens that end an answer.
  package let endsOfSequence: Set<Token>
  /// Whether the space in front of a text is not part of it.
  let stripsLeadingSpace: Bool
  /// Spaces at the end of a text that are not part of it, at most.
  let trailingSpaces: Int
  private let texts: ByteStrings
  private let kinds: [TokenKind]
  private let rules: SubwordRules
  private let wholeWords: WordTable?
  private let model: any SubwordModel
  private let specials: SpecialTokens
  /// Those that are found once text is normalized.
  private let normalizedSpecials: SpecialTokens

  /// Creates the tokenizer of a vocabulary.
  ///
  /// - Throws: An error where no piece of a byte-level vocabulary stands for a single byte, so that
  ///   no text could be read.
  public init(_ vocabulary: Vocabulary) throws(VocabularyError) {
    if case .bytes = vocabulary.rules.units {
      try Self.checkBytes(vocabulary)
    }
    let marks = vocabulary.marks
    beginningOfSequence = marks.beginningOfSequence
    endOfSequence = marks.endOfSequence
    addsBeginningOfSequence = marks.addsBeginning
    closing = marks.closing
    (separators, gap) = (marks.separators, marks.gap)
    endsOfSequence = marks.additionalEnds.union(marks.endOfSequence.map { [$0] } ?? [])
    texts = vocabulary.texts
    kinds = vocabulary.kinds
    rules = vocabulary.rules
    stripsLeadingSpace = rules.stripsLeadingSpace
    trailingSpaces = rules.trailingSpaces
    wholeWords = rules.takesWholeWords ? WordTable(vocabulary) : nil
    model = vocabulary.makeModel()
    specials = SpecialTokens(vocabulary.addedTokens.filter { !$0.isNormalized })
    normalizedSpecials = SpecialTokens(vocabulary.addedTokens.filter(\.isNormalized))
  }

  private static func checkBytes(_ vocabulary: Vocabulary) throws(VocabularyError) {
    let hasByte = vocabulary.kinds.indices.contains {
      vocabulary.kinds[$0] == .normal && vocabulary.texts[$0].count == 1
    }
    if !hasByte {
      throw VocabularyError(
        .invalid, field: .pieces, "no normal piece stands for a single byte")
    }
  }

  /// How many tokens there are.
  public var count: Int { kinds.count }

  /// Returns the tokens of a prompt, after the beginning of sequence if the vocabulary wants it
  /// and the prompt does not itself begin with it.
  ///
  /// The text of a special token is recognised only where all of it was written by the template.
  /// Everything between special tokens is read as one text, whoever wrote its parts. What the
  /// vocabulary has no token for becomes its unknown token, or nothing where it has none.
  ///
  /// - Complexity: O(*n* log *n*) in the length of the longest word, O(*n*) in all else.
  ///
  /// - Parameters:
  ///   - segments: The prompt, in pieces that know who wrote them.
  ///   - addsBeginning: Whether to begin with the beginning of sequence if the vocabulary wants it.
  ///   - addsClosing: Whether to end with the closing token if the vocabulary has one.
  public func encode(
    _ segments: [PromptSegment], addsBeginning: Bool = true, addsClosing: Bool = false
  ) -> [Token] {
    var tokens = encode(SourcedText(segments))
    if addsBeginning, addsBeginningOfSequence, let beginningOfSequence,
      tokens.first != beginningOfSequence
    {
      tokens.insert(beginningOfSequence, at: 0)
    }
    if addsClosing, let closing, tokens.last != closing { tokens.append(closing) }
    return tokens
  }

  /// Returns the tokens of plain text, whatever it spells: no control token, and no beginning of
  /// sequence.
  public func encode(_ text: String) -> [Token] {
    encode(SourcedText([PromptSegment(text, from: .content)]))
  }

  /// Returns the tokens of two texts that are judged together, as a reranker wants them: beginning,
  /// first, separators, second, closing.
  public func encodePair(_ first: String, _ second: String) -> [Token] {
    let beginning = addsBeginningOfSequence ? beginningOfSequence.map { [$0] } ?? [] : []
    let end = closing.map { [$0] } ?? []
    return beginning + encode(first) + separators + encode(second) + end
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

  /// The text of a control token; nil for others.
  package func controlText(of token: Token) -> String? {
    kind(of: token) == .control ? specialText(of: token) : nil
  }

  /// The token that stands before a new document: the beginning of sequence where prompts have one,
  /// else the end of text by its usual name, else what the vocabulary has.
  package var documentStart: Token? {
    if addsBeginningOfSequence, let beginningOfSequence { return beginningOfSequence }
    let named = encode([PromptSegment("<|endoftext|>", from: .template)])
    return named.count == 1 ? named.first : beginningOfSequence ?? endOfSequence
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
}

extension Tokenizer {
  private func encode(_ text: SourcedText) -> [Token] {
    var tokens: [Token] = []
    var workspace = SubwordWorkspace()
    forEachText(between: specials, in: text, 0..<text.bytes.count, &tokens) { range, tokens in
      let isFirst = range.lowerBound == 0
      let normal = rules.normalizer.apply(to: text, range, isFirst: isFirst)
      let normalRange = normal.map { 0..<$0.bytes.count } ?? range
      let normalText = normal ?? text
      forEachText(between: normalizedSpecials, in: normalText, normalRange, &tokens) {
        part, tokens in
        let isFirst = isFirst && part.lowerBound == normalRange.lowerBound
        let prepared = rules.preparation.apply(to: normalText, part, isFirst: isFirst)
        appendWords(
          of: (prepared ?? normalText).bytes, prepared.map { 0..<$0.bytes.count } ?? part,
          to: &tokens, using: &workspace)
      }
    }
    return tokens
  }

  /// Appends the added tokens in a range, and in between calls for what appends the rest.
  private func forEachText(
    between specials: SpecialTokens, in text: SourcedText, _ range: Range<Int>,
    _ tokens: inout [Token], append: (Range<Int>, inout [Token]) -> Void
  ) {
    var start = range.lowerBound
    for occurrence in specials.isEmpty ? [] : specials.occurrences(in: text, range) {
      if start < occurrence.range.lowerBound {
        append(start..<occurrence.range.lowerBound, &tokens)
      }
      tokens.append(occurrence.token)
      start = occurrence.range.upperBound
    }
    if start < range.upperBound { append(start..<range.upperBound, &tokens) }
  }

  private func appendWords(
    of bytes: [UInt8], _ range: Range<Int>, to tokens: inout [Token],
    using workspace: inout SubwordWorkspace
  ) {
    rules.splitter.forEachWord(in: bytes, range) { range in
      let word = bytes[range]
      if let token = wholeWords?[word] {
        tokens.append(token)
      } else {
        model.encode(word, into: &tokens, using: &workspace)
      }
    }
  }
}
