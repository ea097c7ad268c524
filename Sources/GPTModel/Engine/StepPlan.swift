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
    /// The positions among these whose rows are wanted, up to the last: to choose a token, to report on
    /// the prompt, or to see whether what was computed is finite and may be left to others.
    package let outputs: Range<Int>
    /// The sequence's cache pages in each group of layers, in order of position; as many in each.
    package let tables: [[Int32]]
    /// The positions whose input is a row of an attachment instead of a token, in order.
    package internal(set) var attached: [AttachedRows] = []
    /// The slot of the sequence's state; nil where no layer has one.
    package var slot: Int32?
    /// How many positions at the end have drafted tokens. The rows of these are wanted, and the one before.
    package var drafted = 0
    /// Whether what it computes was written by the sequence, and is not of its prompt.
    package var isWritten = false

    /// Creates a part.
    package init(id: SequenceID, first: Int, count: Int, outputs: Range<Int>, tables: [[Int32]]) {
      self.id = id
      self.first = first
      self.count = count
      self.outputs = outputs
      self.tables = tables
    }

    /// The position after the last.
    package var end: Int { first + count }
    /// The pages in the first group.
    package var pages: [Int32] { tables.first ?? [] }
  }

  /// Positions whose input are rows of the store of encoded attachments.
  package struct AttachedRows: Sendable {
    /// The positions.
    package let positions: Range<Int>
    /// Their rows, as many.
    package let rows: ArraySlice<Int32>
  }

  /// An attachment to be encoded once the positions of the step are computed, so that the next steps can
  /// compute its own.
  package struct Encoding: Sendable {
    /// The sequence whose attachment it is.
    package let id: SequenceID
    /// Which of the sequence's attachments it is.
    package let attachment: Int
    /// The rows of the store that it is encoded into, at least one.
    package let rows: [Int32]
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
  /// The attachments to be encoded, in order.
  package internal(set) var encodings: [Encoding] = []
  /// The copies of states to be made before the positions are computed, in order.
  package internal(set) var copies: [StateCopy] = []
  /// What the plan changed, in order.
  package internal(set) var moves: [Move] = []

  /// Creates a plan of parts; without any it is to do nothing.
  package init(_ entries: [Entry] = []) { self.entries = entries }

  /// Whether a sequence has a part in the step.
  package func contains(_ id: SequenceID) -> Bool { entries.contains { $0.id == id } }

  /// Rows of the step, T.
  package var rows: Int { entries.reduce(0) { $0 + $1.count } }
}
