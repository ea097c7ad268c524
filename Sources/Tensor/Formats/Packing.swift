import Synchronization

/// The lowest of the rows that some chunks refused, whatever their order.
final class FirstRow: Sendable {
  private let lowest = Atomic<Int>(Int.max)

  /// The lowest row recorded.
  var row: Int? {
    let row = lowest.load(ordering: .acquiring)
    return row == Int.max ? nil : row
  }

  /// Notes a row.
  func record(_ row: Int) {
    lowest.min(row, ordering: .acquiringAndReleasing)
  }
}

/// A pointer that chunks of one parallel job write through, each to a part of its own.
// Unchecked: the parts do not overlap.
struct SendablePointer<Pointee>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Pointee>

  init(_ pointer: UnsafeMutablePointer<Pointee>) {
    self.pointer = pointer
  }
}
