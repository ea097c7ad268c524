import CKernels

/// The upper half of a float32.
public enum BF16: WeightFormat {
  public static let name = "BF16"
  public static let blockLength = 1
  public static let blockBytes = 2

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    HalfFloat.decode(source, into: out, HalfFloat.brainValue)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try FloatWeights(Self.self, weights, pool: pool)
  }
}

extension BF16: FloatElement {
  static func widen(
    _ source: UnsafePointer<UInt16>, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    _ = apus_widen_bfloat(source, out, count)
  }

  static func inPlace(_ source: UnsafePointer<UInt16>) -> UnsafePointer<Float>? {
    nil
  }

  static func allFinite(_ source: UnsafePointer<UInt16>, count: Int) -> Bool {
    // All bits of the exponent set: infinity or NaN.
    (0..<count).allSatisfy { source[$0] & 0x7F80 != 0x7F80 }
  }
}
