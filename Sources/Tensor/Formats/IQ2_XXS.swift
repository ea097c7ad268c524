import CKernels

/// Blocks of 256: a float16 D, and for each 32 values a 4-bit scale s, four places of eight values in a
/// grid of 256, and signs; a weight is ±D (2 s + 1) g / 8.
public enum IQ2_XXS: WeightFormat {
  public static let name = "IQ2_XXS"
  public static let blockLength = 256
  public static let blockBytes = 66

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<blockLength {
        let start = 2 + 8 * (index / 32)
        let word = bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)
        let value = apus_grid_value(APUS_IQ2_XXS, Int(bytes[start + index / 8 % 4]), index % 8)
        let factor = scale * Float(2 * (word >> 28) + 1) * 0.125
        let isNegative = GridSigns.seven(word >> UInt32(7 * (index / 8 % 4)), place: index % 8)
        values[index] = factor * Float(isNegative ? -value : value)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_IQ2_XXS, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_IQ2_XXS, weights, pool: pool)
  }
}
