/// Encoders of blocks of 32 values, which round to nearest.
enum SmallBlock {
  /// A scale and 8-bit codes.
  static func encodeBytes(_ block: [Float]) -> [UInt8] {
    let scale = (block.map(\.magnitude).max() ?? 0) / 127
    let codes = block.map { value in
      UInt8(bitPattern: scale > 0 ? Int8(max(-127, min(127, (value / scale).rounded()))) : 0)
    }
    return GGUFImage.encode(GGUFWeightFormat.half(scale)) + codes
  }

  /// A scale, a minimum if there is one, and codes of 4 or 5 bits: the fifth bits of all, then the
  /// others, the first half of the block in the low halves of the bytes.
  static func encode(_ block: [Float], bits: Int, hasMinimum: Bool) -> [UInt8] {
    let levels = Float((1 << bits) - 1)
    let (low, high) = (block.min() ?? 0, block.max() ?? 0)
    let scale: Float = hasMinimum ? (high - low) / levels : max(-low, high) / (levels / 2)
    let zero: Float = hasMinimum ? low : -(levels + 1) / 2 * scale
    let codes: [UInt8] = block.map { value in
      scale > 0 ? UInt8(max(0, min(levels, ((value - zero) / scale).rounded()))) : 0
    }
    let half = GGUFWeightFormat.half
    var bytes = GGUFImage.encode(half(scale)) + (hasMinimum ? GGUFImage.encode(half(low)) : [])
    if bits == 5 {
      var fifths: UInt32 = 0
      for (index, code) in codes.enumerated() { fifths |= UInt32(code >> 4) << UInt32(index) }
      bytes += GGUFImage.encode(fifths)
    }
    return bytes + pairs(codes)
  }

  /// A scale and places in the codebook.
  static func encodeCodebook(_ block: [Float]) -> [UInt8] {
    let scale = (block.map(\.magnitude).max() ?? 0) / 127
    return GGUFImage.encode(GGUFWeightFormat.half(scale))
      + pairs(block.map { place(of: $0, scale: scale) })
  }

  /// The place of the value nearest to value / scale in the codebook.
  static func place(of value: Float, scale: Float) -> UInt8 {
    guard scale != 0 else { return 8 }
    let distances = codebook.map { (value / scale - $0).magnitude }
    return UInt8(distances.indices.min { distances[$0] < distances[$1] } ?? 8)
  }

  /// A power of two as its exponent, and floats of 4 bits.
  static func encodeMicroscaled(_ block: [Float]) -> [UInt8] {
    let greatest = block.map(\.magnitude).max() ?? 0
    // The greatest float of 4 bits is 6.
    let exponent = greatest > 0 ? max(-127, Int((greatest / 6).exponent) + 1) : 0
    let scale = Float(sign: .plus, exponent: exponent, significand: 1)
    let codes: [UInt8] = block.map { value in
      let distances = magnitudes.map { (value.magnitude / scale - $0).magnitude }
      let place = UInt8(distances.indices.min { distances[$0] < distances[$1] } ?? 0)
      return value < 0 ? place | 8 : place
    }
    return [UInt8(exponent + 127)] + pairs(codes)
  }

  private static let magnitudes: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6]

  /// The lower four bits of 32 codes in 16 bytes.
  static func pairs(_ codes: [UInt8]) -> [UInt8] {
    (0..<16).map { codes[$0] & 15 | codes[$0 + 16] << 4 }
  }

  private static let codebook: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]
}
