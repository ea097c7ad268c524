import CKernels

/// Blocks of 256: a float16 D, and for each 16 values a 6-bit scale s; a weight is
/// D (s - 32) (q - 4), with 3-bit values q.
public enum Q3_K: WeightFormat {
  public static let name = "Q3_K"
  public static let blockLength = 256
  public static let blockBytes = 110

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 108, as: UInt16.self))
      for index in 0..<blockLength {
        // Each half of the block has 32 bytes; they hold the lower bits of four runs of 32 values, the
        // first lowest. The third bits of all eight runs are in the 32 bytes at the start.
        let low = bytes[32 + index / 128 * 32 + index % 32] >> UInt8(index / 32 % 4 * 2) & 3
        let third = bytes[index % 32] >> UInt8(index / 32) & 1
        let factor = Float(subscale(bytes, index / 16)) - 32
        values[index] = scale * factor * (Float(low) + 4 * Float(third) - 4)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q3_K, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q3_K, weights, pool: pool)
  }

  /// The scale of 16 values: four bits in the first 8 bytes, two more in the last 4.
  private static func subscale(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt8 {
    let pair = bytes[96 + index % 8]
    let low = index < 8 ? pair & 15 : pair >> 4
    return low | (bytes[104 + index % 4] >> UInt8(index / 4 * 2) & 3) << 4
  }
}
