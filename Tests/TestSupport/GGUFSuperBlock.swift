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
    let lows: [Float] = parts.map { shape.hasMinimum ? min(0, $0.min() ?? 0) : 0 }
    let spans: [Float] = zip(parts, lows).map { part, low in
      if shape.hasMinimum { return ((part.max() ?? 0) - low) / shape.levels }
      return (part.map(\.magnitude).max() ?? 0) / ((shape.levels - 1) / 2)
    }
    let unit = (spans.max() ?? 0) / shape.scaleLevels
    let minimumUnit = -(lows.min() ?? 0) / shape.scaleLevels
    func rounded(_ value: Float, _ unit: Float, _ levels: Float) -> UInt8 {
      unit > 0 ? UInt8(max(0, min(levels, (value / unit).rounded()))) : 0
    }
    let scales: [UInt8] = spans.map { rounded($0, unit, shape.scaleLevels) }
    let minima: [UInt8] = lows.map { rounded(-$0, minimumUnit, shape.scaleLevels) }
    var codes: [UInt8] = []
    for index in parts.indices {
      let step = unit * Float(scales[index])
      let minimum = minimumUnit * Float(minima[index])
      let zero: Float = shape.hasMinimum ? -minimum : -(shape.levels + 1) / 2 * step
      codes += parts[index].map { rounded($0 - zero, step, shape.levels) }
    }
    self.codes = codes
    self.scales = scales
    self.minima = minima
    factor = GGUFImage.encode(GGUFWeightFormat.half(unit))
    minimumFactor = GGUFImage.encode(GGUFWeightFormat.half(minimumUnit))
  }

  /// The bytes of a Q2_K block.
  var twoBit: [UInt8] {
    let pairs: [UInt8] = zip(scales, minima).map { scale, minimum in scale | minimum << 4 }
    return pairs + packed(bits: 2, run: 32) + factor + minimumFactor
  }

  /// The bytes of a Q3_K block.
  var threeBit: [UInt8] {
    let shifted: [UInt8] = scales.map { $0 + 32 }
    var places = [UInt8](repeating: 0, count: 12)
    for index in 0..<16 {
      places[index % 8] |= (shifted[index] & 15) << UInt8(index / 8 * 4)
      places[8 + index % 4] |= (shifted[index] >> 4) << UInt8(index / 4 * 2)
    }
    return topBits(2) + packed(bits: 2, run: 32) + places + factor
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
    let scales: [UInt8] = spans.map { UInt8(32 + (unit > 0 ? ($0 / unit).rounded() : 0)) }
    var high: UInt16 = 0
    var low = [UInt8](repeating: 0, count: 4)
    for (index, scale) in scales.enumerated() {
      high |= UInt16(scale >> 4) << UInt16(2 * index)
      low[index / 2] |= (scale & 15) << UInt8(index % 2 * 4)
    }
    var bytes = GGUFImage.encode(GGUFWeightFormat.half(unit)) + GGUFImage.encode(high) + low
    for (part, scale) in zip(parts, scales) {
      let step = unit * (Float(scale) - 32)
      bytes += SmallBlock.pairs(part.map { SmallBlock.place(of: $0, scale: step) })
    }
    return bytes
  }

  /// Some bits of all codes; bytes hold several runs of codes, the first lowest.
  private func packed(bits: Int, run: Int, above: Int = 0) -> [UInt8] {
    let runs = 8 / bits
    let mask = UInt8((1 << bits) - 1)
    var bytes = [UInt8](repeating: 0, count: 32 * bits)
    for (index, code) in codes.enumerated() {
      let place = index / (run * runs) * run + index % run
      let shift = UInt8(index / run % runs * bits)
      bytes[place] |= (code >> UInt8(above) & mask) << shift
    }
    return bytes
  }

  /// One bit of all codes: bytes hold eight runs of 32.
  private func topBits(_ place: Int) -> [UInt8] { packed(bits: 1, run: 32, above: place) }

  /// Eight scales and eight minima of 6 bits in 12 bytes.
  private var sixBitPairs: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 12)
    for index in 0..<4 {
      let (scale, minimum) = (scales[index + 4], minima[index + 4])
      bytes[index] = scales[index] | (scale >> 4) << 6
      bytes[index + 4] = minima[index] | (minimum >> 4) << 6
      bytes[index + 8] = scale & 15 | (minimum & 15) << 4
    }
    return bytes
  }
}
