/// Kernels and threads together, with the scratch that each worker needs.
public final class Compute: Sendable {
  /// The kernels.
  public let processor: Processor
  /// The threads.
  public let pool: WorkerPool
  /// Scratch of the float products, one for each worker.
  let floatScratch: [FloatScratch]

  /// Starts `threads - 1` workers; the thread that calls `pool.run` is the other one.
  public init(processor: Processor, threads: Int) {
    BLAS.useOneThread()
    self.processor = processor
    pool = WorkerPool(threads: threads)
    floatScratch = (0..<pool.threads).map { _ in FloatScratch() }
  }
}
