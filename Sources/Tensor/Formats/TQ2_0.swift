import CKernels

/// Blocks of 256: 2-bit values q, and a float16 scale d; a weight is d (q - 1).
public enum TQ2_0: WeightFormat {
  public static let name = "TQ2_0"
  public static let blockLength = 256
  public static let blockBytes = 66

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 64, as: UInt16.self))
      for index in 0..<blockLength {
        // Each half of the block has 32 bytes; they hold four runs of 32 values, the first lowest.
        let byte = bytes[index / 128 * 32 + index % 32]
        values[index] = scale * (Float(byte >> UInt8(index / 32 % 4 * 2) & 3) - 1)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_TQ2_0, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_TQ2_0, weights, pool: pool)
  }
}
