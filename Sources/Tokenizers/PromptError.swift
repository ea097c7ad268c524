/// Why tokens and attachments make no prompt.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum PromptError: Error, Sendable, Hashable {
  /// An attachment has no positions.
  case emptyAttachment(index: Int)
  /// An attachment has positions that the prompt has not.
  case attachmentOutside(index: Int, range: Range<Int>, tokens: Int)
  /// An attachment begins before the end of the one listed before it.
  case attachmentsOverlap(index: Int, start: Int, end: Int)
}

extension PromptError: CustomStringConvertible {
  /// One sentence, with the figures that matter.
  public var description: String {
    switch self {
    case .emptyAttachment(let index): "attachment \(index) has no positions; give it at least one"
    case .attachmentOutside(let index, let range, let tokens):
      "attachment \(index) has the positions \(range) of a prompt of \(tokens) tokens"
    case .attachmentsOverlap(let index, let start, let end):
      "attachment \(index) begins at position \(start), before the one listed before it ends at"
        + " \(end)"
    }
  }
}
