/// What stands at the ends of prompts and answers.
public struct SequenceMarks: Sendable, Hashable {
  /// The token that begins a prompt, if there is one.
  public var beginningOfSequence: Token?
  /// The token that ends a text, if there is one.
  public var endOfSequence: Token?
  /// Further tokens that end an answer.
  public var additionalEnds: Set<Token> = []
  /// Whether prompts begin with `beginningOfSequence`.
  public var addsBeginning = false
  /// The token that closes a text whose meaning is wanted, if there is one.
  public var closing: Token?
  /// The tokens between the two texts of a pair.
  public var separators: [Token] = []

  /// The tokens about a gap that is to be filled, where the files name them.
  package var gap: GapTokens?

  /// Creates marks of which there are none.
  public init() {}

  /// Names under which models know the end of an answer.
  package static let endNames: Set<String> = [
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<turn|>", "<|endoftext|>",
    "<|end_of_text|>", "<|eom_id|>", "<|return|>", "<|call|>", "[EOT]", "[EOS]", "</s>",
    "<end_of_utterance>", "<｜end▁of▁sentence｜>", "[e~[",
  ]

  /// Returns the tokens that by their names end an answer.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`.
  ///   - kinds: What each token is for `[V]`; normal pieces end nothing.
  static func namedEnds(_ pieces: [String], _ kinds: [TokenKind]) -> Set<Token> {
    var ends: [String: Token] = [:]
    for (token, kind) in kinds.enumerated() where kind == .control || kind == .userDefined {
      if endNames.contains(pieces[token]) { ends[pieces[token]] = Token(token) }
    }
    // Where these two are, that one stands between the parts of an answer.
    if ends["<|return|>"] != nil, ends["<|call|>"] != nil { ends["<|end|>"] = nil }
    if let end = ends["</s>"], kinds[Int(end)] != .control { ends["</s>"] = nil }
    return Set(ends.values)
  }
}

/// The tokens by which a model is asked for the text between two others.
package struct GapTokens: Sendable, Hashable {
  /// The token in front of the text before the gap.
  package var before: Token
  /// The token in front of the text behind the gap.
  package var behind: Token
  /// The token in front of the text that fills the gap.
  package var middle: Token
  /// The tokens that say that the gap is filled.
  package var ends: [Token]

  /// Names the tokens.
  package init(before: Token, behind: Token, middle: Token, ends: [Token]) {
    (self.before, self.behind, self.middle, self.ends) = (before, behind, middle, ends)
  }
}
