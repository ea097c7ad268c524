import CKernels

/// Blocks of 256: for each eight values a place in the grid of IQ1_S and the sign of a shift, for each 16
/// a 3-bit scale s, and a float16 D; a weight is D (2 s + 1) (g ± 1/8).
public enum IQ1_M: WeightFormat {
  public static let name = "IQ1_M"
  public static let blockLength = 256
  public static let blockBytes = 56

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let fours = (0..<4).map { bytes.loadUnaligned(fromByteOffset: 48 + 2 * $0, as: UInt16.self) }
      // Each four scales leave room for a quarter of D.
      let scale = HalfFloat.value(
        (0..<4).reduce(0) { $0 | (fours[$1] >> 12) << UInt16(4 * $1) })
      for index in 0..<blockLength {
        let high = bytes[32 + index / 16] >> UInt8(index / 8 % 2 * 4) & 15
        let place = Int(bytes[index / 8]) | Int(high & 7) << 8
        let value = apus_grid_value(APUS_IQ1_M, place, index % 8)
        let subscale = fours[index / 64] >> UInt16(index / 16 % 4 * 3) & 7
        let factor = scale * Float(2 * subscale + 1)
        values[index] = factor * (Float(value) + (high & 8 == 8 ? -0.125 : 0.125))
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_IQ1_M, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_IQ1_M, weights, pool: pool)
  }
}
