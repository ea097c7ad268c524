/// A row of float32 parameters, such as the weights of a norm.
package final class Vector: Sendable {
  /// Elements.
  package let count: Int
  private let storage: Storage

  /// Copies float32 values; nil when one is not finite.
  package init?(_ values: UnsafeRawBufferPointer) throws(TensorError) {
    count = values.count / MemoryLayout<Float>.size
    storage = try Storage(byteCount: max(1, values.count))
    storage.base.copyMemory(
      from: values.baseAddress ?? UnsafeRawPointer(storage.base),
      byteCount: values.count)
    for index in 0..<count where !base[index].isFinite { return nil }
  }

  /// Copies values; nil when one is not finite.
  package convenience init?(_ values: [Float]) throws(TensorError) {
    let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
    defer { copy.deallocate() }
    _ = copy.initialize(from: values)
    try self.init(UnsafeRawBufferPointer(copy))
  }

  /// The elements.
  package var base: UnsafePointer<Float> {
    UnsafePointer(storage.base.assumingMemoryBound(to: Float.self))
  }

  /// The elements as an array.
  package var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
