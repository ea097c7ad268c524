import CKernels
import Testing

@testable import Tensor

@Suite("Measuring memory and arithmetic")
struct MeasurementTests {
  @Test("Every word of memory is read")
  func sum() throws {
    let storage = try Storage(byteCount: 1 << 16)
    let words = storage.base.assumingMemoryBound(to: UInt64.self)
    for index in 0..<(1 << 13) { words[index] = UInt64(index * index) }
    let expected = (0..<(1 << 13)).reduce(UInt64(0)) { $0 + UInt64($1 * $1) }
    #expect(apus_read_memory(storage.base, 1 << 16) == expected)
  }

  @Test("Both do what their figures are of, whatever the threads", arguments: [1, 2])
  func figures(threads: Int) throws {
    let compute = Compute(processor: try Processor(), threads: threads)
    // Three chunks are written once and read once, which is a pass.
    let jobs = compute.pool.sharedJobs
    let bandwidth = try MemoryBandwidth.measure(byteCount: 3 << 20, pool: compute.pool, seconds: 0)
    #expect(bandwidth.isNormal)
    #expect(compute.pool.sharedJobs - jobs == (threads > 1 ? 2 : 0))
    for format in WeightFormats.all {
      let before = compute.tally.multiplications
      #expect(try MultiplyRate.measure(format: format, compute: compute, seconds: 0).isNormal)
      #expect(compute.tally.multiplications - before == 2 * 128 * 512 * 1024)
    }
  }
}
