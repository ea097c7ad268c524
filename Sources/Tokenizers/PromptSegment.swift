/// A piece of a prompt that knows who wrote it.
///
/// Only text that the template wrote may become control tokens; text that came from a message is
/// always read as plain text, whatever it spells.
public struct PromptSegment: Sendable, Hashable {
  /// Who wrote a piece of a prompt.
  public enum Source: Sendable, Hashable {
    /// The model's chat template, or a caller that vouches for the text.
    case template
    /// A message, a tool description, or anything else from outside.
    case content
  }

  /// The text, never empty in a rendered prompt.
  public var text: String
  /// Who wrote it.
  public var source: Source

  /// Creates a piece of a prompt.
  public init(_ text: String, from source: Source) {
    self.text = text
    self.source = source
  }
}
