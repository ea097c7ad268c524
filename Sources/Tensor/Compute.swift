import Synchronization

/// Kernels and threads together, with the scratch that each worker needs.
public final class Compute: Sendable {
  /// The kernels.
  public let processor: Processor
  /// The threads.
  public let pool: WorkerPool
  /// What products have read and multiplied so far.
  package let tally = ProductTally()
  /// Taken for each job by those who share these threads.
  package let turns = Turns()
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

/// Counts the work of products: exact figures, for tests and for what a machine should reach.
package final class ProductTally: Sendable {
  private let readBytes = Atomic<Int>(0)
  private let multiplied = Atomic<Int>(0)

  /// Bytes of weights read, once for each product.
  package var bytes: Int { readBytes.load(ordering: .relaxed) }
  /// Products of a weight with an activation.
  package var multiplications: Int { multiplied.load(ordering: .relaxed) }

  /// Notes a product.
  func add(bytes: Int, multiplications: Int) {
    readBytes.wrappingAdd(bytes, ordering: .relaxed)
    multiplied.wrappingAdd(multiplications, ordering: .relaxed)
  }
}
