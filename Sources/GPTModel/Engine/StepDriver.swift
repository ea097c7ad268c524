import Tensor

/// The rows of a sequence's step that are wanted, by their positions, and what is to be known of its tokens.
package struct RowDemand: Sendable {
  /// The positions whose logits are wanted; up to the last that the step computes, or none.
  package var logits: Range<Int>
  /// The positions whose states after the last norm are wanted.
  package var states: Range<Int>
  /// Where the second of two texts begins; nil for one text.
  package var secondText: Int?
  /// The place of the adapter that changes the sequence's products; nil for none.
  package var adapter: Int?
  /// Whether the logits are those that settle a draft, for which there is room beside those of others.
  package var isOfDraft = false

  /// Creates a demand.
  package init(logits: Range<Int> = 0..<0, states: Range<Int> = 0..<0) {
    self.logits = logits
    self.states = states
  }
}

/// A row that a step computed; its values are valid during the call that hands it over, and where no
/// sequence of the step wants more than one row until the next step.
package struct StepRow {
  /// The position.
  package let position: Int
  /// Whether the values are a state, [W], rather than logits, [V].
  package let isState: Bool
  /// Whether no further row of the sequence follows in the step.
  package let isLast: Bool
  /// The values.
  package let values: UnsafeBufferPointer<Float>

  /// Whether they are numbers: minus infinity may say that a token is impossible.
  package var isFinite: Bool { values.allSatisfy { $0 < .infinity } }
}

/// Computes plans with an executor and hands over the rows that are wanted: the one way from a plan to
/// numbers, whoever made the plan.
package final class StepDriver {
  private let executor: any StepExecutor
  /// Rows whose logits the executor computes at a time, S.
  private let logitRows: Int
  private var batch = Batch()
  private var demands: [RowDemand] = []

  /// Takes an executor built for a capacity.
  package init(_ executor: any StepExecutor, capacity: DecoderCapacity) {
    self.executor = executor
    logitRows = capacity.logitRows
  }

  /// Copies the states that a plan names, then computes its positions, if it has any; keeps the memory of earlier steps.
  ///
  /// - Parameters:
  ///   - plan: What the step computes.
  ///   - tokens: The tokens of an entry of the plan.
  ///   - demand: What is wanted of an entry, among its outputs.
  ///   - take: Is handed each row. Of an entry the states come first, then the logits, in order.
  package func run<Failure: Error>(
    _ plan: StepPlan, tokens: (StepPlan.Entry) -> ArraySlice<Token>,
    demand: (StepPlan.Entry) -> RowDemand,
    _ take: (StepPlan.Entry, StepRow) throws(Failure) -> Void
  ) throws(Failure) {
    if !plan.copies.isEmpty { executor.copy(plan.copies) }
    guard !plan.entries.isEmpty else { return }
    batch.removeAll()
    demands.removeAll(keepingCapacity: true)
    for entry in plan.entries {
      batch.add(
        tokens: tokens(entry), from: entry.first, tables: entry.tables, slot: entry.slot)
      for part in entry.attached {
        batch.replaceTokens(by: part.rows, beforeLast: entry.end - part.positions.upperBound)
      }
      let demand = demand(entry)
      if let second = demand.secondText, second < entry.end {
        batch.markSecondText(lastRows: entry.end - max(second, entry.first))
      }
      if let adapter = demand.adapter { batch.use(adapter: adapter, lastRows: entry.count) }
      demands.append(demand)
      if demand.isComputedTogether { batch.wantLogits(ofLastRows: demand.logits.count) }
    }
    try handOver(executor.run(batch), plan, take)
  }

  /// Hands over the logits that were computed together, and then has the others computed, which take
  /// their place.
  private func handOver<Failure: Error>(
    _ together: Matrix, _ plan: StepPlan,
    _ take: (StepPlan.Entry, StepRow) throws(Failure) -> Void
  ) throws(Failure) {
    var row = 0
    for (entry, demand) in zip(plan.entries, demands) where demand.isComputedTogether {
      for position in demand.logits {
        let isLast = position + 1 == demand.logits.upperBound
        try take(entry, together.stepRow(row, at: position, isLast: isLast))
        row += 1
      }
    }
    var end = 0
    for (entry, demand) in zip(plan.entries, demands) {
      end += entry.count
      guard !demand.isComputedTogether else { continue }
      try handOver(demand, of: entry, firstRow: end - entry.count, take)
    }
  }

  private func handOver<Failure: Error>(
    _ demand: RowDemand, of entry: StepPlan.Entry, firstRow: Int,
    _ take: (StepPlan.Entry, StepRow) throws(Failure) -> Void
  ) throws(Failure) {
    let offset = firstRow - entry.first
    if !demand.states.isEmpty {
      let states = executor.states(
        ofRows: (demand.states.lowerBound + offset)..<(demand.states.upperBound + offset))
      for (row, position) in demand.states.enumerated() {
        let isLast = demand.logits.isEmpty && position + 1 == demand.states.upperBound
        try take(entry, states.stepRow(row, at: position, isState: true, isLast: isLast))
      }
    }
    for first in stride(from: demand.logits.lowerBound, to: demand.logits.upperBound, by: logitRows)
    {
      let block = first..<min(first + logitRows, demand.logits.upperBound)
      let logits = executor.logits(
        ofRows: (block.lowerBound + offset)..<(block.upperBound + offset))
      for (row, position) in block.enumerated() {
        let isLast = position + 1 == demand.logits.upperBound
        try take(entry, logits.stepRow(row, at: position, isLast: isLast))
      }
    }
  }
}

extension RowDemand {
  /// Whether few rows of logits are wanted, which are computed together with those of others.
  fileprivate var isComputedTogether: Bool { states.isEmpty && (logits.count == 1 || isOfDraft) }
}

extension Matrix {
  fileprivate func stepRow(
    _ row: Int, at position: Int, isState: Bool = false, isLast: Bool
  ) -> StepRow {
    StepRow(
      position: position, isState: isState, isLast: isLast,
      values: UnsafeBufferPointer(start: self.row(row), count: columns))
  }
}
