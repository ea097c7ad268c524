package import GPTModel

/// The ways of storing weights that the builder can write.
package enum GGUFWeightFormat: String, Sendable, CaseIterable {
  case float32
  case float16
  case bfloat16
  case fourBit = "q4_0"
  case fourBitWithMinimum = "q4_1"
  case eightBit = "q8_0"

  /// The number of the storage type in a file.
  package var fileType: UInt32 {
    switch self {
    case .float32: 0
    case .float16: 1
    case .fourBit: 2
    case .fourBitWithMinimum: 3
    case .eightBit: 8
    case .bfloat16: 30
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
    case .eightBit: .init(name: "Q8_0", blockLength: 32, blockBytes: 34)
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
    case .fourBit: blocks(values) { Self.fourBitBlock($0, centred: true) }
    case .fourBitWithMinimum: blocks(values) { Self.fourBitBlock($0, centred: false) }
    case .eightBit: blocks(values, Self.eightBitBlock)
    }
  }

  /// Rounds a number of moderate size to the bits of a 16-bit float; tiny ones become zero.
  package static func half(_ value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16) & 0x8000
    let rounded = value.magnitude.bitPattern &+ 0x1000
    guard rounded >= 0x3880_0000 else { return sign }
    guard rounded < 0x4780_0000 else { return sign | 0x7BFF }
    return sign | UInt16((rounded &- 0x3800_0000) >> 13)
  }

  private func blocks(_ values: [Float], _ encode: (ArraySlice<Float>) -> [UInt8]) -> [UInt8] {
    stride(from: 0, to: values.count, by: 32).flatMap { encode(values[$0..<($0 + 32)]) }
  }

  private static func eightBitBlock(_ block: ArraySlice<Float>) -> [UInt8] {
    let scale = (block.map(\.magnitude).max() ?? 0) / 127
    let codes = block.map { value in
      UInt8(bitPattern: scale > 0 ? Int8(max(-127, min(127, (value / scale).rounded()))) : 0)
    }
    return GGUFImage.encode(half(scale)) + codes
  }

  /// Codes of 4 bits, the first half of the block in the low halves of the bytes.
  private static func fourBitBlock(_ block: ArraySlice<Float>, centred: Bool) -> [UInt8] {
    let (low, high) = (block.min() ?? 0, block.max() ?? 0)
    let scale = centred ? max(-low, high) / 7.5 : (high - low) / 15
    let zero = centred ? -8 * scale : low
    let codes = block.map { value in
      scale > 0 ? UInt8(max(0, min(15, ((value - zero) / scale).rounded()))) : 0
    }
    let head = GGUFImage.encode(half(scale)) + (centred ? [] : GGUFImage.encode(half(low)))
    return head + (0..<16).map { codes[$0] | codes[$0 + 16] << 4 }
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
