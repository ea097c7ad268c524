import CKernels

/// Blocks of 64: for each 16 values a float of 4 bits of exponent and 3 of fraction, without a sign, and
/// floats of 4 bits (E2M1), which that multiplies.
public enum NVFP4: WeightFormat {
  public static let name = "NVFP4"
  public static let blockLength = 64
  public static let blockBytes = 36

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      for index in 0..<blockLength {
        let (part, place) = index.quotientAndRemainder(dividingBy: 16)
        // Of 16 values, byte i holds value i below and value i + 8 above.
        let pair = bytes[4 + 8 * part + place % 8]
        let code = place < 8 ? pair & 15 : pair >> 4
        values[index] = scale(bytes[part]) * MXFP4.codebook[Int(code)]
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_NVFP4, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_NVFP4, weights, pool: pool)
  }

  /// Half the scale that eight bits stand for, as the codebook has twice the values; the greatest code
  /// stands for 0.
  private static func scale(_ bits: UInt8) -> Float {
    let exponent = Int(bits >> 3 & 15)
    let fraction = Float(bits & 7)
    if bits == 0x7F { return 0 }
    if exponent == 0 { return fraction * 0x1p-10 }
    return Float(sign: .plus, exponent: exponent - 11, significand: 8 + fraction)
  }
}
