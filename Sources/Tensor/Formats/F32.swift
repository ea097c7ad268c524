import CKernels

/// Plain float32.
public enum F32: WeightFormat {
  public static let name = "F32"
  public static let blockLength = 1
  public static let blockBytes = 4

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for index in out.indices {
      out[index] = source.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
    }
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try FloatWeights(Self.self, weights, pool: pool)
  }
}

extension F32: FloatElement {
  static func widen(
    _ source: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    out.update(from: source, count: count)
  }

  static func inPlace(_ source: UnsafePointer<Float>) -> UnsafePointer<Float>? {
    source
  }

  static func allFinite(_ source: UnsafePointer<Float>, count: Int) -> Bool {
    apus_all_finite(source, count)
  }
}
