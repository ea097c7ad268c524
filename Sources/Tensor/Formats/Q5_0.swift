import CKernels

/// Blocks of 32: a float16 scale d and 5-bit values q; a weight is d (q - 16).
public enum Q5_0: WeightFormat {
  public static let name = "Q5_0"
  public static let blockLength = 32
  public static let blockBytes = 22

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      let fifthBits = bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
      // Byte i holds the lower bits of value i below and of value i + 16 above.
      for index in 0..<blockLength {
        let pair = bytes[6 + index % 16]
        let low = index < 16 ? pair & 15 : pair >> 4
        let fifth = fifthBits >> UInt32(index) & 1
        values[index] = scale * (Float(low) + 16 * Float(fifth) - 16)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q5_0, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q5_0, weights, pool: pool)
  }
}
