package import GPTModel

/// The ways of storing weights that the builder can write.
package enum GGUFWeightFormat: String, Sendable, CaseIterable {
  case float32
  case float16
  case bfloat16
  case fourBit = "q4_0"
  case fourBitWithMinimum = "q4_1"
  case fiveBit = "q5_0"
  case fiveBitWithMinimum = "q5_1"
  case eightBit = "q8_0"
  case superTwoBit = "q2_k"
  case superThreeBit = "q3_k"
  case superFourBit = "q4_k"
  case superFiveBit = "q5_k"
  case superSixBit = "q6_k"
  case codebook = "iq4_nl"
  case superCodebook = "iq4_xs"
  case microscaled = "mxfp4"

  /// The number of the storage type in a file.
  package var fileType: UInt32 {
    switch self {
    case .float32: 0
    case .float16: 1
    case .fourBit: 2
    case .fourBitWithMinimum: 3
    case .fiveBit: 6
    case .fiveBitWithMinimum: 7
    case .eightBit: 8
    case .superTwoBit: 10
    case .superThreeBit: 11
    case .superFourBit: 12
    case .superFiveBit: 13
    case .superSixBit: 14
    case .codebook: 20
    case .superCodebook: 23
    case .bfloat16: 30
    case .microscaled: 39
    }
  }

  /// The layout, as a reader's table of types gives it.
  package var layout: TensorTypes.Layout {
    switch self {
    case .float32: .init(name: "F32", blockLength: 1, blockBytes: 4)
    case .float16: .init(name: "F16", blockLength: 1, blockBytes: 2)
    case .bfloat16: .init(name: "BF16", blockLength: 1, blockBytes: 2)
    case .fourBit: .init(name: "Q4_0", blockLength: 32, blockBytes: 18)
    case .fourBitWithMinimum: .init(name: "Q4_1", blockLength: 32, blockBytes: 20)
    case .fiveBit: .init(name: "Q5_0", blockLength: 32, blockBytes: 22)
    case .fiveBitWithMinimum: .init(name: "Q5_1", blockLength: 32, blockBytes: 24)
    case .eightBit: .init(name: "Q8_0", blockLength: 32, blockBytes: 34)
    case .superTwoBit: .init(name: "Q2_K", blockLength: 256, blockBytes: 84)
    case .superThreeBit: .init(name: "Q3_K", blockLength: 256, blockBytes: 110)
    case .superFourBit: .init(name: "Q4_K", blockLength: 256, blockBytes: 144)
    case .superFiveBit: .init(name: "Q5_K", blockLength: 256, blockBytes: 176)
    case .superSixBit: .init(name: "Q6_K", blockLength: 256, blockBytes: 210)
    case .codebook: .init(name: "IQ4_NL", blockLength: 32, blockBytes: 18)
    case .superCodebook: .init(name: "IQ4_XS", blockLength: 256, blockBytes: 136)
    case .microscaled: .init(name: "MXFP4", blockLength: 32, blockBytes: 17)
    }
  }

  /// Where a block has its first floating-point number.
  package var scaleOffset: Int {
    switch self {
    case .superTwoBit: 80
    case .superThreeBit: 108
    case .superSixBit: 208
    default: 0
    }
  }

  /// What a block has for a NaN or an infinity, given as the bits of a float32, in its first number.
  package func number(ofBits bits: UInt32) -> [UInt8] {
    let upper = UInt16(bits >> 16)
    switch self {
    case .float32: return GGUFImage.encode(bits)
    case .bfloat16: return GGUFImage.encode(upper)
    case .microscaled: return [0xFF]
    default: return GGUFImage.encode((upper & 0x8000) | 0x7C00 | (upper & 0x7F) << 3)
    }
  }

  /// A table of exactly these types.
  package static let table = TensorTypes { type in
    allCases.first { $0.fileType == type }?.layout
  }

  /// The bytes of values, whose number is a multiple of the block length.
  package func encode(_ values: [Float]) -> [UInt8] {
    switch self {
    case .float32: values.flatMap { GGUFImage.encode($0.bitPattern) }
    case .float16: values.flatMap { GGUFImage.encode(Self.half($0)) }
    case .bfloat16:
      values.flatMap { GGUFImage.encode(UInt16(($0.bitPattern &+ 0x8000) >> 16)) }
    default:
      stride(from: 0, to: values.count, by: layout.blockLength).flatMap {
        encode(block: Array(values[$0..<($0 + layout.blockLength)]))
      }
    }
  }

  private func encode(block: [Float]) -> [UInt8] {
    switch self {
    case .fourBit, .fourBitWithMinimum, .fiveBit, .fiveBitWithMinimum:
      SmallBlock.encode(
        block, bits: self == .fourBit || self == .fourBitWithMinimum ? 4 : 5,
        hasMinimum: self == .fourBitWithMinimum || self == .fiveBitWithMinimum)
    case .eightBit: SmallBlock.encodeBytes(block)
    case .codebook: SmallBlock.encodeCodebook(block)
    case .superTwoBit: SuperBlock(block, .twoBit).twoBit
    case .superThreeBit: SuperBlock(block, .threeBit).threeBit
    case .superFourBit: SuperBlock(block, .fourBit).fourBit
    case .superFiveBit: SuperBlock(block, .fiveBit).fiveBit
    case .superSixBit: SuperBlock(block, .sixBit).sixBit
    case .superCodebook: SuperBlock.encodeCodebook(block)
    case .microscaled: SmallBlock.encodeMicroscaled(block)
    case .float32, .float16, .bfloat16: []
    }
  }

  /// Rounds a number to the bits of a 16-bit float; large ones become the largest.
  package static func half(_ value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16) & 0x8000
    let rounded = value.magnitude.bitPattern &+ 0x1000
    // Below 2^-14 the steps are 2^-24.
    guard rounded >= 0x3880_0000 else {
      return sign | UInt16((value.magnitude * 0x1p24).rounded())
    }
    guard rounded < 0x4780_0000 else { return sign | 0x7BFF }
    return sign | UInt16((rounded &- 0x3800_0000) >> 13)
  }
}

extension SeededGenerator {
  /// Returns numbers of mean zero, nearly normal: sums of twelve uniform ones.
  package mutating func normal(count: Int, deviation: Float) -> [Float] {
    (0..<count).map { _ in
      var sum: Float = -6
      for _ in 0..<12 { sum += Float(next() >> 40) / Float(1 << 24) }
      return sum * deviation
    }
  }
}
