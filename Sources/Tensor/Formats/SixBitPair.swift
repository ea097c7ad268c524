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
}
