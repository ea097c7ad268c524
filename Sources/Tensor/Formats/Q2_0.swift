import CKernels

/// Blocks of 64: a float16 scale d and 2-bit values q; a weight is d (q - 1).
public enum Q2_0: WeightFormat {
  public static let name = "Q2_0"
  public static let blockLength = 64
  public static let blockBytes = 18

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<blockLength {
        values[index] = scale * (Float(bytes[2 + index / 4] >> UInt8(index % 4 * 2) & 3) - 1)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q2_0, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q2_0, weights, pool: pool)
  }
}
