/// How tokens of answers are drafted before they are chosen.
///
/// The model computes drafted tokens as if they were known, beside the last one that is, and then chooses
/// each token as always: a draft stands as long as it says the same. Answers are the same, to the bit.
public enum Speculation: String, Sendable, CaseIterable {
  /// Nothing is drafted.
  case off
  /// What followed the last tokens where the prompt or the answer had them before, or in the text that a
  /// request predicts (prompt lookup).
  case ngram
}
