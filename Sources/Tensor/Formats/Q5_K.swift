import CKernels

/// Blocks of 256: float16 D and M, and for each 32 values a 6-bit scale s and minimum m; a weight is
/// D s q - M m, with 5-bit values q.
public enum Q5_K: WeightFormat {
  public static let name = "Q5_K"
  public static let fileType: UInt32 = 13
  public static let blockLength = 256
  public static let blockBytes = 176

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      let minimum = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      for part in 0..<8 {
        let pair = SixBitPair(bytes, at: 4, index: part)
        for index in 0..<32 {
          // Two parts share 32 bytes, the first in their lower halves; all share those of fifth bits.
          let low = bytes[48 + part / 2 * 32 + index] >> UInt8(part % 2 * 4) & 15
          let fifth = bytes[16 + index] >> UInt8(part) & 1
          values[32 * part + index] =
            scale * Float(pair.scale) * Float(low | fifth << 4) - minimum * Float(pair.minimum)
        }
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q5_K, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q5_K, weights, pool: pool)
  }
}
