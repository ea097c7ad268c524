/// The processes that work on one thing together, each with its own copy of what all know.
///
/// All processes make the same calls in the same order, one at a time. A call returns once this process has what it
/// asked for. Parts are ranges of elements, one for each process; empty ones cost nothing.
package protocol ProcessGroup: AnyObject, Sendable {
  /// The number of this process, from 0; the first one alone prints and writes.
  var rank: Int { get }
  /// All processes.
  var size: Int { get }
  /// The processes on this machine.
  var localSize: Int { get }
  /// Bytes that this process has sent to others.
  var sentBytes: Int { get }
  /// Seconds that a call waits for the others.
  var patience: Double { get set }

  /// Sends a part of the numbers to each process, and receives a part from each.
  ///
  /// The two memories do not overlap.
  func exchange(
    _ sent: Parts<UnsafePointer<Float>>, into received: Parts<UnsafeMutablePointer<Float>>
  ) throws(ProcessGroupError)

  /// Has every process receive the parts of all others.
  func gather(_ values: Parts<UnsafeMutablePointer<Float>>) throws(ProcessGroupError)

  /// Has every process receive the parts of all others.
  func gather(_ bytes: Parts<UnsafeMutablePointer<UInt8>>) throws(ProcessGroupError)

  /// Waits for the others to come to their ends, too; the process is to end after it, with an exit code.
  func end(_ code: Int32)

  /// Ends all processes with an exit code.
  func abort(_ code: Int32)
}

/// Memory with a part for each process.
package struct Parts<Pointer> {
  /// The first element.
  package let base: Pointer
  /// The elements of each process.
  package let ranges: [Range<Int>]

  /// Names the first element, and the elements of each process.
  package init(_ base: Pointer, _ ranges: [Range<Int>]) {
    self.base = base
    self.ranges = ranges
  }
}

extension ProcessGroup {
  /// Whether this process prints and writes.
  package var isFirst: Bool { rank == 0 }

  /// Has every process receive the parts of all others.
  package func gather<Element: BitwiseCopyable>(
    _ values: inout [Element], _ ranges: [Range<Int>]
  ) throws(ProcessGroupError) {
    guard size > 1 else { return }
    let stride = MemoryLayout<Element>.stride
    var bytes = values.withUnsafeBytes { Array($0) }
    let parts = ranges.map { $0.lowerBound * stride..<$0.upperBound * stride }
    try Self.gather(&bytes, parts, by: self)
    values.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
  }

  private static func gather(
    _ bytes: inout [UInt8], _ ranges: [Range<Int>], by group: Self
  ) throws(ProcessGroupError) {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    defer { memory.deallocate() }
    _ = memory.initialize(from: bytes)
    guard let base = memory.baseAddress else { return }
    try group.gather(Parts(base, ranges))
    bytes = Array(memory.prefix(bytes.count))
  }

  /// The values of the first process.
  package func first<Element: BitwiseCopyable>(
    _ values: [Element]
  ) throws(ProcessGroupError) -> [Element] {
    var values = values
    try gather(&values, firstAlone(values.count))
    return values
  }

  /// Parts of which the first process has all.
  package func firstAlone(_ count: Int) -> [Range<Int>] {
    [0..<count] + repeatElement(count..<count, count: size - 1)
  }

  /// The bytes of every process, in order.
  package func all(_ own: [UInt8]) throws(ProcessGroupError) -> [[UInt8]] {
    var counts = [Int](repeating: own.count, count: size)
    try gather(&counts, (0..<size).map { $0..<$0 + 1 })
    var ranges: [Range<Int>] = []
    for count in counts {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + count)
    }
    var bytes = [UInt8](repeating: 0, count: ranges.last?.upperBound ?? 0)
    bytes.replaceSubrange(ranges[rank], with: own)
    try gather(&bytes, ranges)
    return ranges.map { Array(bytes[$0]) }
  }

  /// Whether it is so for any process.
  package func isAny(_ own: Bool) throws(ProcessGroupError) -> Bool {
    var flags = [UInt8](repeating: own ? 1 : 0, count: size)
    try gather(&flags, (0..<size).map { $0..<$0 + 1 })
    return flags.contains(1)
  }

  /// Contiguous parts of equal size, but for one element.
  package func shares(of count: Int) -> [Range<Int>] {
    (0..<size).map { $0 * count / size..<($0 + 1) * count / size }
  }
}

/// Why processes cannot go on together.
package struct ProcessGroupError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  package let description: String

  /// Says what is wrong.
  package init(_ description: String) {
    self.description = description
  }
}
