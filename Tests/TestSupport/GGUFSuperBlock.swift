/// An encoder of blocks of 256 values, which rounds to nearest.
///
/// Parts of 16 or 32 values have integer scales, and minima where there are any; two factors of the
/// block make numbers of those.
struct SuperBlock {
  /// What sets one format apart.
  struct Shape {
    /// The values that share a scale.
    let partLength: Int
    /// The greatest code.
    let levels: Float
    /// The greatest scale, and the greatest minimum.
    let scaleLevels: Float
    let hasMinimum: Bool

    static let twoBit = Shape(partLength: 16, levels: 3, scaleLevels: 15, hasMinimum: true)
    static let threeBit = Shape(partLength: 16, levels: 7, scaleLevels: 31, hasMinimum: false)
    static let fourBit = Shape(partLength: 32, levels: 15, scaleLevels: 63, hasMinimum: true)
    static let fiveBit = Shape(partLength: 32, levels: 31, scaleLevels: 63, hasMinimum: true)
    static let sixBit = Shape(partLength: 16, levels: 63, scaleLevels: 127, hasMinimum: false)
  }

  private let factor: [UInt8]
  private let minimumFactor: [UInt8]
  private let scales: [UInt8]
  private let minima: [UInt8]
  private let codes: [UInt8]

  /// Rounds 256 values.
  init(_ block: [Float], _ shape: Shape) {
    let parts = stride(from: 0, to: block.count, by: shape.partLength).map {
      block[$0..<($0 + shape.partLength)]
    }
    let lows = parts.map { shape.hasMinimum ? min(0, $0.min() ?? 0) : 0 }
    let spans = zip(parts, lows).map { part, low in
      shape.hasMinimum
        ? ((part.max() ?? 0) - low) / shape.levels
        : (part.map(\.magnitude).max() ?? 0) / ((shape.levels - 1) / 2)
    }
    let unit = (spans.max() ?? 0) / shape.scaleLevels
    let minimumUnit = -(lows.min() ?? 0) / shape.scaleLevels
    func rounded(_ value: Float, _ unit: Float, _ levels: Float) -> UInt8 {
      unit > 0 ? UInt8(max(0, min(levels, (value / unit).rounded()))) : 0
    }
    let scales = spans.map { rounded($0, unit, shape.scaleLevels) }
    let minima = lows.map { rounded(-$0, minimumUnit, shape.scaleLevels) }
    codes = parts.indices.flatMap { index in
      let step = unit * Float(scales[index])
      let zero =
        shape.hasMinimum
        ? -minimumUnit * Float(minima[index]) : -(shape.levels + 1) / 2 * step
      return parts[index].map { rounded($0 - zero, step, shape.levels) }
    }
    self.scales = scales
    self.minima = minima
    factor = GGUFImage.encode(GGUFWeightFormat.half(unit))
    minimumFactor = GGUFImage.encode(GGUFWeightFormat.half(minimumUnit))
  }

  /// The bytes of a Q2_K block.
  var twoBit: [UInt8] {
    zip(scales, minima).map { $0 | $1 << 4 } + packed(bits: 2, run: 32) + factor + minimumFactor
  }

  /// The bytes of a Q3_K block.
  var threeBit: [UInt8] {
    let shifted = scales.map { $0 + 32 }
    let low = (0..<8).map { shifted[$0] & 15 | shifted[$0 + 8] << 4 }
    let high = (0..<4).map { (place: Int) -> UInt8 in
      var bits: UInt8 = 0
      for group in 0..<4 { bits |= (shifted[4 * group + place] >> 4) << UInt8(2 * group) }
      return bits
    }
    return topBits(2) + packed(bits: 2, run: 32) + low + high + factor
  }

  /// The bytes of a Q4_K block.
  var fourBit: [UInt8] { factor + minimumFactor + sixBitPairs + packed(bits: 4, run: 32) }

  /// The bytes of a Q5_K block.
  var fiveBit: [UInt8] {
    factor + minimumFactor + sixBitPairs + topBits(4) + packed(bits: 4, run: 32)
  }

  /// The bytes of a Q6_K block.
  var sixBit: [UInt8] {
    packed(bits: 4, run: 64) + packed(bits: 2, run: 32, above: 4) + scales + factor
  }

  /// The bytes of an IQ4_XS block.
  static func encodeCodebook(_ block: [Float]) -> [UInt8] {
    let parts = stride(from: 0, to: 256, by: 32).map { Array(block[$0..<($0 + 32)]) }
    let spans = parts.map { ($0.map(\.magnitude).max() ?? 0) / 127 }
    let unit = (spans.max() ?? 0) / 31
    let scales = spans.map { UInt8(32 + (unit > 0 ? ($0 / unit).rounded() : 0)) }
    let high = scales.indices.reduce(UInt16(0)) { $0 | UInt16(scales[$1] >> 4) << UInt16(2 * $1) }
    let low = (0..<4).map { scales[2 * $0] & 15 | scales[2 * $0 + 1] << 4 }
    let codes = parts.indices.flatMap { index in
      SmallBlock.pairs(
        parts[index].map {
          SmallBlock.place(of: $0, scale: unit * (Float(scales[index]) - 32))
        })
    }
    return GGUFImage.encode(GGUFWeightFormat.half(unit)) + GGUFImage.encode(high) + low + codes
  }

  /// Some bits of all codes; bytes hold several runs of codes, the first lowest.
  private func packed(bits: Int, run: Int, above: Int = 0) -> [UInt8] {
    let runs = 8 / bits
    return stride(from: 0, to: 256, by: run * runs).flatMap { start in
      (0..<run).map { index in
        (0..<runs).reduce(UInt8(0)) { byte, place in
          let code = codes[start + place * run + index] >> UInt8(above)
          return byte | (code & UInt8((1 << bits) - 1)) << UInt8(bits * place)
        }
      }
    }
  }

  /// One bit of all codes: bytes hold eight runs of 32.
  private func topBits(_ place: Int) -> [UInt8] { packed(bits: 1, run: 32, above: place) }

  /// Eight scales and eight minima of 6 bits in 12 bytes.
  private var sixBitPairs: [UInt8] {
    (0..<4).map { scales[$0] | (scales[$0 + 4] >> 4) << 6 }
      + (0..<4).map { minima[$0] | (minima[$0 + 4] >> 4) << 6 }
      + (4..<8).map { scales[$0] & 15 | minima[$0] << 4 }
  }
}
