import CKernels

/// Blocks of 32: a float16 scale d, a float16 minimum m and 4-bit values q; a weight is d q + m.
public enum Q4_1: WeightFormat {
  public static let name = "Q4_1"
  public static let blockLength = 32
  public static let blockBytes = 20

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      let minimum = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      // Byte i holds value i below and value i + 16 above.
      for index in 0..<16 {
        let pair = bytes[4 + index]
        out[block * blockLength + index] = scale * Float(pair & 15) + minimum
        out[block * blockLength + index + 16] = scale * Float(pair >> 4) + minimum
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q4_1, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q4_1, weights, pool: pool)
  }
}
