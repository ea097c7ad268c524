/// The 16-bit floats of weight files, decoded plainly.
enum HalfFloat {
  /// The value of an IEEE 754 binary16 pattern.
  static func value(_ bits: UInt16) -> Float {
    let sign = UInt32(bits >> 15) << 31
    let exponent = UInt32(bits >> 10) & 31
    let fraction = UInt32(bits) & 1023
    if exponent == 0 {
      // Zero and subnormals: the fraction counts units of 2^-24.
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    }
    let biased = exponent == 31 ? 255 : exponent + 112
    return Float(bitPattern: sign | biased << 23 | fraction << 13)
  }

  /// Decodes patterns of 16 bits.
  static func decode(
    _ source: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>,
    _ value: (UInt16) -> Float
  ) {
    for index in out.indices {
      out[index] = value(source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    }
  }

  /// The value of a bfloat16 pattern: the upper half of a float32.
  static func brainValue(_ bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }
}
