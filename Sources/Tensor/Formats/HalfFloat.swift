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

  /// The nearest IEEE 754 binary16 pattern, of two equally near ones the even one.
  static func bits(nearest value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16) & 0x8000
    guard value.magnitude < 65_520 else { return sign | (value.isNaN ? 0x7E00 : 0x7C00) }
    guard value.magnitude >= 0x1p-14 else {
      return sign | UInt16((value.magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    let bits = value.magnitude.bitPattern
    let rounded = bits + 0xFFF + (bits >> 13 & 1)
    return sign | UInt16((rounded >> 13) - (112 << 10))
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
