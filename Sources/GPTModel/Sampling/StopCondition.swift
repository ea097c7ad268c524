import Tokenizers

/// When a generation ends by itself.
public struct StopCondition: Sendable, Hashable {
  /// Texts that end the generation and are not part of it; none is empty.
  public var strings: [String] = []
  /// Whether the text of the answer has the stop string that ended it.
  public var showsString = false
  /// Tokens that end the generation, besides the model's own end of sequence.
  public var tokens: Set<Token> = []
  /// Whether the model's end of sequence ends the generation.
  public var atEndOfSequence = true
  /// Tokens to generate before an end of sequence or a stop token may be chosen.
  public var minimumTokens = 0
  /// Tokens to generate at most; nil for what the context leaves. With 0 only the prompt is computed.
  public var maximumTokens: Int?

  /// Creates a condition that stops at the model's own end, after as many tokens as given, or
  /// where the context ends.
  public init(maximumTokens: Int? = nil) {
    self.maximumTokens = maximumTokens
  }
}
