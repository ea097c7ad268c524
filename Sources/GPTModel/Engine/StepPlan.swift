/// Names one generation for as long as the engine runs; never used again.
package struct SequenceID: Hashable, Sendable, Comparable {
  /// Counts up from zero in order of arrival.
  package let number: UInt64

  /// Creates an identity.
  package init(_ number: UInt64) {
    self.number = number
  }

  package static func < (first: Self, second: Self) -> Bool { first.number < second.number }
}

/// What one step computes: for each sequence named, the positions `first ..< first + count`.
package struct StepPlan {
  /// The part of one sequence.
  package struct Entry {
    /// The sequence.
    package let id: SequenceID
    /// The first position to compute.
    package let first: Int
    /// Positions to compute, at least one.
    package let count: Int
    /// Whether all that is known is computed with this step, so that the next token can be chosen.
    package let completes: Bool
    /// Whether the logits of the last position are wanted: to choose a token, or to see whether what was
    /// computed is finite and may be left to others.
    package let wantsLogits: Bool
    /// The positions among these each of which is wanted, up to the last; mostly none.
    package let wanted: Range<Int>
    /// The sequence's cache pages, in order of position.
    package let pages: [Int32]
  }

  /// What the plan changed for a sequence.
  package enum Move: Sendable, Hashable {
    /// It was given pages.
    case started(SequenceID)
    /// It lost its pages and waits again, with so many tokens to compute.
    case preempted(SequenceID, tokens: Int)
  }

  /// The parts, each of another sequence.
  package internal(set) var entries: [Entry] = []
  /// What the plan changed, in order.
  package internal(set) var moves: [Move] = []

  /// Creates a plan to do nothing.
  package init() {}

  /// Whether a sequence has a part in the step.
  package func contains(_ id: SequenceID) -> Bool { entries.contains { $0.id == id } }

  /// Rows of the step, T.
  package var rows: Int { entries.reduce(0) { $0 + $1.count } }
}
