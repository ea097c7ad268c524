import CKernels

/// Blocks of 256: a float16 D, and for each 32 values a 6-bit scale s; a weight is D (s - 32) v[q], with
/// 4-bit places q in IQ4_NL's codebook v.
public enum IQ4_XS: WeightFormat {
  public static let name = "IQ4_XS"
  public static let blockLength = 256
  public static let blockBytes = 136

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      let upperBits = bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
      for part in 0..<8 {
        let low = bytes[4 + part / 2] >> UInt8(part % 2 * 4) & 15
        let high = upperBits >> UInt16(2 * part) & 3
        let factor = scale * (Float(low) + 16 * Float(high) - 32)
        // Byte i of the part holds value i below and value i + 16 above.
        for index in 0..<16 {
          let pair = bytes[8 + 16 * part + index]
          values[32 * part + index] = factor * IQ4_NL.codebook[Int(pair & 15)]
          values[32 * part + index + 16] = factor * IQ4_NL.codebook[Int(pair >> 4)]
        }
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_IQ4_XS, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_IQ4_XS, weights, pool: pool)
  }
}
