/// A scale and a minimum of 6 bits each, as Q4_K and Q5_K pack eight of both into 12 bytes.
struct SixBitPair {
  let scale: UInt8
  let minimum: UInt8

  /// Reads a pair: the first four are the lower bits of bytes 0...3 and 4...7, whose upper two bits
  /// complete those of the last four in the halves of bytes 8...11.
  init(_ bytes: UnsafeRawBufferPointer, at offset: Int, index: Int) {
    let scales = bytes[offset + index % 4]
    let minima = bytes[offset + 4 + index % 4]
    guard index >= 4 else {
      (scale, minimum) = (scales & 63, minima & 63)
      return
    }
    let lower = bytes[offset + 4 + index]
    scale = lower & 15 | (scales >> 6) << 4
    minimum = lower >> 4 | (minima >> 6) << 4
  }
  /// Decodes blocks of 256: float16 D and M, eight pairs at byte 4, and for each pair 32 values, which
  /// `stored` reads from a block's bytes by the pair and the index of the value.
  static func decode(
    _ source: UnsafeRawBufferPointer, blockBytes: Int,
    into out: UnsafeMutableBufferPointer<Float>,
    _ stored: (_ block: UnsafeRawBufferPointer, _ part: Int, _ index: Int) -> UInt8
  ) {
    for block in 0..<out.count / 256 {
      let bytes = UnsafeRawBufferPointer(rebasing: source[(block * blockBytes)...])
      let scale = HalfFloat.value(bytes.loadUnaligned(as: UInt16.self))
      let minimum = HalfFloat.value(bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      for part in 0..<8 {
        let pair = SixBitPair(bytes, at: 4, index: part)
        for index in 0..<32 {
          let value = Float(stored(bytes, part, index))
          out[256 * block + 32 * part + index] =
            scale * Float(pair.scale) * value - minimum * Float(pair.minimum)
        }
      }
    }
  }
}
