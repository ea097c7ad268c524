/// One process that has all parts itself.
package final class SingleProcess: ProcessGroup {
  /// Needs nothing.
  package init() {}

  package var rank: Int { 0 }
  package var size: Int { 1 }
  package var localSize: Int { 1 }
  package var sentBytes: Int { 0 }
  package var patience: Double {
    get { .infinity }
    set {}
  }

  package func exchange(
    _ sent: Parts<UnsafePointer<Float>>, into received: Parts<UnsafeMutablePointer<Float>>
  ) throws(ProcessGroupError) {
    for (from, to) in zip(sent.ranges, received.ranges) {
      (received.base + to.lowerBound).update(from: sent.base + from.lowerBound, count: from.count)
    }
  }

  package func gather(_ values: Parts<UnsafeMutablePointer<Float>>) {}

  package func gather(_ bytes: Parts<UnsafeMutablePointer<UInt8>>) {}

  package func end(_ code: Int32) {}

  package func abort(_ code: Int32) {}
}
