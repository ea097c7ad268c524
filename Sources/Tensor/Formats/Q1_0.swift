import CKernels

/// Blocks of 128: a float16 scale d and signs; a weight is d, or where its bit is 0, -d.
public enum Q1_0: WeightFormat {
  public static let name = "Q1_0"
  public static let blockLength = 128
  public static let blockBytes = 18

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<blockLength {
        let isPositive = bytes[2 + index / 8] >> UInt8(index % 8) & 1 == 1
        values[index] = isPositive ? scale : -scale
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q1_0, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q1_0, weights, pool: pool)
  }
}
