import CKernels

/// Blocks of 32: a float16 scale d and 8-bit values q; a weight is d q.
public enum Q8_0: WeightFormat {
  public static let name = "Q8_0"
  public static let blockLength = 32
  public static let blockBytes = 34

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<blockLength {
        out[block * blockLength + index] = scale * Float(Int8(bitPattern: bytes[2 + index]))
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q8_0, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q8_0, weights, pool: pool)
  }
}
