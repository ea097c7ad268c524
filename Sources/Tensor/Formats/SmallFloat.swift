import CKernels

/// The 8-bit floats of weight files, decoded plainly.
enum SmallFloat {
  /// The value of a pattern with 4 bits of exponent, of which the greatest is one for numbers too.
  static func value4(_ bits: UInt8) -> Float {
    bits & 0x7F == 0x7F ? .nan : value(bits, fractionBits: 3, bias: 7)
  }

  /// The value of a pattern with 5 bits of exponent: the upper half of a binary16.
  static func value5(_ bits: UInt8) -> Float {
    HalfFloat.value(UInt16(bits) << 8)
  }

  private static func value(_ bits: UInt8, fractionBits: Int, bias: Int) -> Float {
    let exponent = Int(bits & 0x7F) >> fractionBits
    let fraction = Float(Int(bits) & ((1 << fractionBits) - 1))
    let unit = Float(sign: .plus, exponent: max(exponent, 1) - bias - fractionBits, significand: 1)
    let magnitude = unit * (fraction + (exponent > 0 ? Float(1 << fractionBits) : 0))
    return bits & 0x80 == 0 ? magnitude : -magnitude
  }
}

/// A block of floats of 8 bits as it lies in memory: 36 bytes.
struct ScaledBlock: BitwiseCopyable {
  /// What the values are multiplied by.
  var scale: Float
  /// The values.
  var codes: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

  /// Whether all weights of some blocks are finite.
  static func allFinite(
    _ source: UnsafePointer<ScaledBlock>, count: Int,
    _ widen: (UnsafePointer<ScaledBlock>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Bool {
    let values = UnsafeMutablePointer<Float>.allocate(capacity: 32)
    defer { values.deallocate() }
    return (0..<count / 32).allSatisfy { block in
      widen(source + block, values, 32)
      return apus_all_finite(values, 32)
    }
  }
}
