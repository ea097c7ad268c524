import Tensor

/// What is done with each row of a step by itself.
///
/// A class, built once at loading, so that handing it to other threads takes no memory.
protocol RowOperation: AnyObject, Sendable {
  /// Works on one row.
  ///
  /// - Parameters:
  ///   - row: The row.
  ///   - target: Where a result goes that is packed together: the row itself, unless rows are picked.
  ///   - batch: The step, empty where rows are picked; a pointer, because threads that copied a step
  ///     would count its references against each other.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>)
}

extension Compute {
  /// Rows that one worker takes at a time: enough work to be worth handing over.
  private static let rowsPerChunk = 4

  /// What a chunk of rows needs: plain words, so that threads share no counted references.
  private struct RowJob {
    let rows: Int
    let picked: UnsafePointer<Int>?
    let batch: UnsafePointer<Batch>
    unowned(unsafe) let operation: any RowOperation
  }

  /// Runs an operation once for each row of a step, side by side where there are several.
  func forEachRow(of batch: Batch, _ operation: any RowOperation) {
    run(operation, rows: batch.rows, picked: nil, batch: batch)
  }

  /// Runs an operation once for each of some rows, whose results are packed together: row i of the
  /// result is `picked[i]`.
  func forEachRow(picked: [Int], _ operation: any RowOperation) {
    picked.withUnsafeBufferPointer {
      run(operation, rows: $0.count, picked: $0.baseAddress, batch: Batch())
    }
  }

  private func run(
    _ operation: any RowOperation, rows: Int, picked: UnsafePointer<Int>?, batch: Batch
  ) {
    withUnsafePointer(to: batch) { batch in
      let job = RowJob(rows: rows, picked: picked, batch: batch, operation: operation)
      withUnsafePointer(to: job) { job in
        let chunks = (rows + Self.rowsPerChunk - 1) / Self.rowsPerChunk
        pool.run(chunks, context: job) { job, chunk, _ in
          Compute.run(job.assumingMemoryBound(to: RowJob.self), chunk: chunk)
        }
      }
    }
  }

  private static func run(_ job: UnsafePointer<RowJob>, chunk: Int) {
    let first = chunk * rowsPerChunk
    let operation = job.pointee.operation
    for index in first..<min(first + rowsPerChunk, job.pointee.rows) {
      let row = job.pointee.picked?[index] ?? index
      operation.run(row: row, target: index, of: job.pointee.batch)
    }
  }
}
