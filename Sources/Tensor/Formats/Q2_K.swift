import CKernels

/// Blocks of 256: float16 D and M, and for each 16 values a 4-bit scale s and minimum m; a weight is
/// D s q - M m, with 2-bit values q.
public enum Q2_K: WeightFormat {
  public static let name = "Q2_K"
  public static let blockLength = 256
  public static let blockBytes = 84

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 80, as: UInt16.self))
      let minimum = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 82, as: UInt16.self))
      for index in 0..<blockLength {
        let pair = bytes[index / 16]
        // Each half of the block has 32 bytes; they hold four runs of 32 values, the first lowest.
        let byte = bytes[16 + index / 128 * 32 + index % 32]
        let value = byte >> UInt8(index / 32 % 4 * 2) & 3
        values[index] = scale * Float(pair & 15) * Float(value) - minimum * Float(pair >> 4)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q2_K, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q2_K, weights, pool: pool)
  }
}
