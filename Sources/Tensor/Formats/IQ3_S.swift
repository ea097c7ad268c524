import CKernels

/// Blocks of 256: a float16 D, for each four values a place in a grid of 512, signs, and for each 32 a
/// 4-bit scale s; a weight is ±D (2 s + 1) g.
public enum IQ3_S: WeightFormat {
  public static let name = "IQ3_S"
  public static let blockLength = 256
  public static let blockBytes = 110

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<blockLength {
        let ninth = Int(bytes[66 + index / 32] >> UInt8(index / 4 % 8) & 1)
        let subscale = bytes[106 + index / 64] >> UInt8(index / 32 % 2 * 4) & 15
        let value = apus_grid_value(APUS_IQ3_S, Int(bytes[2 + index / 4]) | ninth << 8, index % 4)
        let factor = scale * Float(2 * subscale + 1)
        let isNegative = bytes[74 + index / 8] >> UInt8(index % 8) & 1 == 1
        values[index] = factor * Float(isNegative ? -value : value)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_IQ3_S, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_IQ3_S, weights, pool: pool)
  }
}
