import CKernels

/// IEEE 754 binary16.
public enum F16: WeightFormat {
  public static let name = "F16"
  public static let blockLength = 1
  public static let blockBytes = 2

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    HalfFloat.decode(source, into: out, HalfFloat.value)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try FloatWeights(Self.self, weights, pool: pool)
  }
}

extension F16: FloatElement {
  static func widen(
    _ source: UnsafePointer<UInt16>, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    _ = apus_widen_half(source, out, count)
  }

  static func inPlace(_ source: UnsafePointer<UInt16>) -> UnsafePointer<Float>? {
    nil
  }

  static func allFinite(_ source: UnsafePointer<UInt16>, count: Int) -> Bool {
    // All bits of the exponent set: infinity or NaN.
    (0..<count).allSatisfy { source[$0] & 0x7C00 != 0x7C00 }
  }
}
