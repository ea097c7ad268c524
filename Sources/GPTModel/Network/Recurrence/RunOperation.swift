import Tensor

/// Rows of a step that follow each other in one sequence, and the slot of its state.
package struct StateRun: Sendable, Hashable {
  /// The rows.
  package let rows: Range<Int>
  /// The slot.
  package let slot: Int32
  /// Whether the first row is the first of the sequence, so that the state is to be cleared.
  package let isFresh: Bool
}

/// What is done with the rows of each sequence of a step, in parts that do not touch each other.
///
/// A class, built once at loading, so that handing it to other threads takes no memory.
protocol RunOperation: AnyObject, Sendable {
  /// How many parts there are.
  var parts: Int { get }

  /// Works on one part of the rows of one sequence.
  func run(part: Int, of run: StateRun)
}

extension Compute {
  /// What a part needs: plain words, so that threads share no counted references.
  private struct RunJob {
    let runs: UnsafePointer<StateRun>
    let parts: Int
    unowned(unsafe) let operation: any RunOperation
  }

  /// Runs each part of an operation once for each sequence of a step that has a state, side by side.
  func forEachRun(of batch: Batch, _ operation: any RunOperation) {
    batch.runs.withUnsafeBufferPointer { runs in
      guard let base = runs.baseAddress else { return }
      let job = RunJob(runs: base, parts: operation.parts, operation: operation)
      withUnsafePointer(to: job) { job in
        pool.run(runs.count * operation.parts, context: job) { context, chunk, _ in
          let job = context.assumingMemoryBound(to: RunJob.self)
          let (run, part) = chunk.quotientAndRemainder(dividingBy: job.pointee.parts)
          job.pointee.operation.run(part: part, of: job.pointee.runs[run])
        }
      }
    }
  }
}
