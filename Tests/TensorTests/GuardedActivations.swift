import CKernels
import TestSupport

@testable import Tensor

/// Activations whose every array ends where memory ends.
struct GuardedActivations {
  let view: Activations
  private let digits: GuardedBuffer<Int8>
  private let scales: GuardedBuffer<Float>
  private let sums: GuardedBuffer<Int32>
  private let halfSums: GuardedBuffer<Int32>
  private let scaledSums: GuardedBuffer<Float>

  init(rows: Int, columns: Int) {
    digits = GuardedBuffer(repeating: 0, count: 2 * rows * columns)
    scales = GuardedBuffer(repeating: 0, count: rows * columns / 32)
    sums = GuardedBuffer(repeating: 0, count: rows * columns / 32)
    halfSums = GuardedBuffer(repeating: 0, count: rows * columns / 16)
    scaledSums = GuardedBuffer(repeating: 0, count: rows * columns / 32)
    let raw = apus_activations(
      digits: digits.base, scales: scales.base, sums: sums.base, half_sums: halfSums.base,
      scaled_sums: scaledSums.base, columns: columns)
    view = Activations(rows: rows, columns: columns, raw: raw)
  }

  /// All content: with the scales of broken blocks as one pattern, for a NaN has many.
  var bits: [UInt32] {
    func pattern(_ value: Float) -> UInt32 { value.isNaN ? Float.nan.bitPattern : value.bitPattern }
    return digits.elements.map { UInt32(truncatingIfNeeded: $0) }
      + scales.elements.map(pattern) + sums.elements.map { UInt32(truncatingIfNeeded: $0) }
      + halfSums.elements.map { UInt32(truncatingIfNeeded: $0) }
      + scaledSums.elements.map(pattern)
  }
}
