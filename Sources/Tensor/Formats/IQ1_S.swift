import CKernels

/// Blocks of 256: a float16 D, for each eight values a place in a grid of 2048 of -1, 0 and 1, and for
/// each 32 a 3-bit scale s and the sign of a shift; a weight is D (2 s + 1) (g ± 1/8).
public enum IQ1_S: WeightFormat {
  public static let name = "IQ1_S"
  public static let blockLength = 256
  public static let blockBytes = 50

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<blockLength {
        let word = bytes.loadUnaligned(fromByteOffset: 34 + index / 32 * 2, as: UInt16.self)
        let high = Int(word >> UInt16(index / 8 % 4 * 3) & 7)
        let value = apus_grid_value(APUS_IQ1_S, Int(bytes[2 + index / 8]) | high << 8, index % 8)
        let factor = scale * Float(2 * (word >> 12 & 7) + 1)
        values[index] = factor * (Float(value) + (word >> 15 == 1 ? -0.125 : 0.125))
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_IQ1_S, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_IQ1_S, weights, pool: pool)
  }
}
