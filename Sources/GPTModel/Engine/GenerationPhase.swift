/// How far a generation has come.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum GenerationPhase: String, Sendable, Hashable, CaseIterable {
  /// It waits, and holds no more than its place in the queue.
  case queued
  /// Its prompt is being read.
  case prefilling
  /// Its answer is being written.
  case decoding
}

/// How far a generation has come now.
package struct PhaseChange: Sendable {
  let id: SequenceID
  let phase: GenerationPhase
  /// Tokens to be computed, where it waits again.
  var tokens: Int?

  /// Creates a change.
  package init(id: SequenceID, phase: GenerationPhase, tokens: Int? = nil) {
    self.id = id
    self.phase = phase
    self.tokens = tokens
  }
}
