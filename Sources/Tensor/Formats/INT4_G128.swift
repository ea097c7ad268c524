import CKernels

/// Blocks of 128: a float32 scale d, a zero z and 4-bit values q; a weight is d (q - z).
///
/// Folders with weights of 4 bits are read as this, be it GPTQ, AWQ or compressed-tensors.
public enum INT4_G128: WeightFormat {
  public static let name = "INT4_G128"
  public static let blockLength = 128
  public static let blockBytes = 69

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = bytes.loadUnaligned(as: Float.self)
      for index in 0..<blockLength {
        // Neighbours share a byte.
        let code = bytes[5 + index / 2] >> UInt8(index % 2 * 4) & 15
        values[index] = scale * (Float(code) - Float(bytes[4]))
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_INT4_128, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_INT4_128, weights, pool: pool)
  }
}
