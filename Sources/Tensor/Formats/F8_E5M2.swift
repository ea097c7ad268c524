import CKernels

/// Blocks of 32: a float32 scale and floats of 8 bits, with 5 bits of exponent and 2 of fraction.
public enum F8_E5M2: WeightFormat {
  public static let name = "F8_E5M2"
  public static let blockLength = 32
  public static let blockBytes = 36

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for index in out.indices {
      let block = index / blockLength * blockBytes
      let scale = source.loadUnaligned(fromByteOffset: block, as: Float.self)
      out[index] = SmallFloat.value5(source[block + 4 + index % blockLength]) * scale
    }
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try FloatWeights(Self.self, weights, pool: pool)
  }
}

extension F8_E5M2: FloatElement {
  static func widen(
    _ source: UnsafePointer<ScaledBlock>, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    apus_widen_e5m2(source, out, count)
  }

  static func inPlace(_ source: UnsafePointer<ScaledBlock>) -> UnsafePointer<Float>? {
    nil
  }

  static func allFinite(_ source: UnsafePointer<ScaledBlock>, count: Int) -> Bool {
    ScaledBlock.allFinite(source, count: count, widen)
  }
}
