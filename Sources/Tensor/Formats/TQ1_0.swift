import CKernels

/// Blocks of 256: five values of three, q, in a byte, and a float16 scale d; a weight is d (q - 1).
public enum TQ1_0: WeightFormat {
  public static let name = "TQ1_0"
  public static let blockLength = 256
  public static let blockBytes = 54

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 52, as: UInt16.self))
      for index in 0..<blockLength {
        // 32 bytes have five runs of 32 values, 16 five runs of 16, and four the last four runs of four.
        let (first, count, start) =
          index < 160 ? (0, 32, 0) : index < 240 ? (32, 16, 160) : (48, 4, 240)
        let (digit, place) = (index - start).quotientAndRemainder(dividingBy: count)
        values[index] = scale * (Float(self.digit(digit, of: bytes[first + place])) - 1)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_TQ1_0, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_TQ1_0, weights, pool: pool)
  }

  /// A digit to the base 3 of a byte, which is the digits behind the point, times 256.
  private static func digit(_ index: Int, of byte: UInt8) -> Int {
    let rest = (0..<index).reduce(Int(byte)) { rest, _ in rest * 3 & 255 }
    return (rest * 3) >> 8
  }
}
