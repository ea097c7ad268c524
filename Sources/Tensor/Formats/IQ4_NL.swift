import CKernels

/// Blocks of 32: a float16 scale d and 4-bit places in a codebook v; a weight is d v[q].
public enum IQ4_NL: WeightFormat {
  public static let name = "IQ4_NL"
  public static let blockLength = 32
  public static let blockBytes = 18

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      // Byte i holds value i below and value i + 16 above.
      for index in 0..<16 {
        let pair = bytes[2 + index]
        values[index] = scale * codebook[Int(pair & 15)]
        values[index + 16] = scale * codebook[Int(pair >> 4)]
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_IQ4_NL, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_IQ4_NL, weights, pool: pool)
  }

  /// The values that four bits stand for, denser near zero; IQ4_XS has the same.
  static let codebook: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]
}
