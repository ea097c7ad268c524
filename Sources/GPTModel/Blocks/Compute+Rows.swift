import Tensor

extension Compute {
  /// Rows that one worker takes at a time: enough work to be worth handing over.
  private static let rowsPerChunk = 4

  /// What a chunk of rows needs.
  private struct RowJob {
    let rows: Int
    let context: UnsafeRawPointer
    let body: RowFunction
  }

  /// What is done with a row: given the context handed to `forEachRow`, and the row's number.
  typealias RowFunction = @convention(c) (UnsafeRawPointer, Int) -> Void

  /// Runs `body` once for each row of a step, side by side where there are several.
  ///
  /// `body` is a plain function, which finds what it needs in the context: a closure would take memory
  /// for what it captures each time.
  func forEachRow<Context>(of rows: Int, with context: Context, _ body: RowFunction) {
    withUnsafePointer(to: context) { context in
      withUnsafePointer(to: RowJob(rows: rows, context: context, body: body)) { job in
        let chunks = (rows + Self.rowsPerChunk - 1) / Self.rowsPerChunk
        pool.run(chunks, context: job) { job, chunk, _ in
          Compute.run(job.assumingMemoryBound(to: RowJob.self).pointee, chunk: chunk)
        }
      }
    }
  }

  private static func run(_ job: RowJob, chunk: Int) {
    let first = chunk * rowsPerChunk
    for row in first..<min(first + rowsPerChunk, job.rows) { job.body(job.context, row) }
  }
}
