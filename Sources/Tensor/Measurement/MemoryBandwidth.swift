import CKernels

/// How fast threads read memory together: what bounds the writing of a token.
package enum MemoryBandwidth {
  /// Bytes that a thread reads at a time.
  private static let chunk = 1 << 20

  /// Reads an array again and again; returns bytes a second, the median of the passes.
  ///
  /// - Parameters:
  ///   - byteCount: The size of the array; caches serve part of a small one, as they do of small models.
  ///   - pool: The threads.
  ///   - seconds: How long to go on; one pass is made in any case.
  package static func measure(
    byteCount: Int, pool: WorkerPool, seconds: Double
  ) throws(TensorError) -> Double {
    let chunks = max(1, byteCount / chunk)
    let storage = try Storage(byteCount: chunks * chunk)
    let base = SendablePointer(storage.base.assumingMemoryBound(to: UInt8.self))
    // Pages that were never written may all be one page of zeros.
    pool.run(chunks) { index, _ in
      (base.pointer + index * chunk).update(repeating: 1, count: chunk)
    }
    let passes = Passes(seconds: seconds) {
      pool.run(chunks) { index, _ in
        _ = apus_read_memory(base.pointer + index * chunk, chunk)
      }
    }
    return Double(chunks * chunk) / passes.median
  }
}

/// How long the same work takes, time and again.
struct Passes {
  /// The seconds of one pass: half of them were faster.
  let median: Double

  /// Repeats some work for so many seconds, once in any case.
  init(seconds: Double, _ work: () -> Void) {
    let clock = ContinuousClock()
    let start = clock.now
    var durations: [Double] = []
    repeat {
      durations.append(clock.measure(work) / .seconds(1))
    } while (clock.now - start) / .seconds(1) < seconds
    median = max(durations.sorted()[durations.count / 2], 1e-9)
  }
}
