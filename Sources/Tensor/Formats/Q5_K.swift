import CKernels

/// Blocks of 256: float16 D and M, and for each 32 values a 6-bit scale s and minimum m; a weight is
/// D s q - M m, with 5-bit values q.
public enum Q5_K: WeightFormat {
  public static let name = "Q5_K"
  public static let blockLength = 256
  public static let blockBytes = 176

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    SixBitPair.decode(source, blockBytes: blockBytes, into: out) { bytes, part, index in
      // Two parts share 32 bytes, the first in their lower halves; all share those of fifth bits.
      let low = bytes[48 + part / 2 * 32 + index] >> UInt8(part % 2 * 4) & 15
      let fifth = bytes[16 + index] >> UInt8(part) & 1
      return low | fifth << 4
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
