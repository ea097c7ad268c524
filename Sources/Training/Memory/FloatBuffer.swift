package import Tensor

/// Numbers in memory of their own, zero at first.
// Unchecked: the pointer never changes, and whoever writes through it orders the accesses.
package final class FloatBuffer: @unchecked Sendable {
  /// The first number, aligned to 64 bytes.
  package let base: UnsafeMutablePointer<Float>
  /// How many there are.
  package let count: Int
  private let storage: Storage

  /// Reserves memory.
  package init(count: Int) throws(TensorError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow else {
      throw TensorError(.shape, "buffer", expected: "a size that fits", given: "\(count)")
    }
    storage = try Storage(byteCount: bytes)
    base = storage.base.bindMemory(to: Float.self, capacity: count)
    self.count = count
  }

  /// Sets all to zero.
  package func clear() {
    base.update(repeating: 0, count: count)
  }

  /// Copies another buffer of the same size.
  package func copy(_ other: FloatBuffer) {
    precondition(count == other.count, "buffers differ in size")
    base.update(from: other.base, count: count)
  }

  /// The numbers at a place.
  package subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "beyond the buffer")
    return UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
  }
}
