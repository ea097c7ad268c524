import CKernels

/// Blocks of 256: a float16 D, and for each 16 values an 8-bit scale s; a weight is D s (q - 32), with
/// 6-bit values q.
public enum Q6_K: WeightFormat {
  public static let name = "Q6_K"
  public static let blockLength = 256
  public static let blockBytes = 210

  public static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
  ) {
    for block in 0..<out.count / blockLength {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let values = UnsafeMutableBufferPointer(rebasing: out[(block * blockLength)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 208, as: UInt16.self))
      for index in 0..<blockLength {
        // Each half of the block has 64 bytes with the lower bits of two runs of 64 values, the first in
        // their lower halves, and 32 bytes with the upper bits of four runs of 32, the first lowest.
        let low = bytes[index / 128 * 64 + index % 64] >> UInt8(index / 64 % 2 * 4) & 15
        let high = bytes[128 + index / 128 * 32 + index % 32] >> UInt8(index / 32 % 4 * 2) & 3
        let factor = Float(Int8(bitPattern: bytes[192 + index / 16]))
        values[index] = scale * factor * (Float(low | high << 4) - 32)
      }
    }
  }

  public static func packedBytes(rows: Int, columns: Int) -> Int {
    apus_panel_bytes(APUS_Q6_K, rows, columns)
  }

  public static func repack(
    _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) -> any PackedWeights {
    try PanelWeights(APUS_Q6_K, weights, pool: pool)
  }
}
