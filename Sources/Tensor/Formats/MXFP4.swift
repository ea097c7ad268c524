import CKernels

/// Blocks of 32: a power of two, 2^(e - 127), and floats of 4 bits (E2M1), which the block multiplies.
public enum MXFP4: WeightFormat {
  public static let name = "MXFP4"
  public static let blockLength = 32
  public static let blockBytes = 17

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      // The codebook has twice the values, so that they are integers.
      let scale = Float(sign: .plus, exponent: Int(bytes[0]) - 128, significand: 1)
      // Byte i holds value i below and value i + 16 above.
      for index in 0..<16 {
        let pair = bytes[1 + index]
        values[index] = scale * codebook[Int(pair & 15)]
        values[index + 16] = scale * codebook[Int(pair >> 4)]
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_MXFP4, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_MXFP4, weights, pool: pool)
  }

  /// Twice the floats that four bits stand for; NVFP4 has the same.
  static let codebook: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
}
