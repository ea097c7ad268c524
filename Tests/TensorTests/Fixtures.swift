import CKernels
import TestSupport

@testable import Tensor

/// Inputs that several suites share.
enum Fixture {
  /// Every kernel set of this machine but the plain one.
  static var vectorSets: [InstructionSet] { Processor.available.filter { $0 != .scalar } }

  /// Valid random rows of a format, `[rows, columns]`, in the file's layout.
  static func weights(
    _ format: any WeightFormat.Type, rows: Int, columns: Int, seed: UInt64
  ) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    let blocks = rows * columns / format.blockLength
    return (0..<blocks).flatMap { _ in block(format, using: &generator) }
  }

  private static func block(
    _ format: any WeightFormat.Type, using generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = (0..<format.blockBytes).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    let number = Float.random(in: -1...1, using: &generator)
    func put(_ value: some FixedWidthInteger, at offset: Int) {
      for byte in 0..<value.bitWidth / 8 {
        bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
      }
    }
    switch format.blockBytes {
    case 4: put(number.bitPattern, at: 0)
    case 2 where format == BF16.self: put(UInt16(number.bitPattern >> 16), at: 0)
    case 2: put(Float16(number).bitPattern, at: 0)
    case 36 where format != NVFP4.self:
      // A NaN is no weight.
      for index in 4..<36 where bytes[index] & 0x7C == 0x7C { bytes[index] &= 0x83 }
      put((number / 16).bitPattern, at: 0)
    case _ where format.name.hasPrefix("INT"): put((number / 16).bitPattern, at: 0)
    case _ where format == IQ1_M.self:
      for (index, place) in [49, 51, 53, 55].enumerated() {
        let four = UInt8(Float16(number / 16).bitPattern >> UInt16(4 * index) & 15)
        bytes[place] = bytes[place] & 15 | four << 4
      }
    case _ where format == MXFP4.self: put(UInt8.random(in: 118...125, using: &generator), at: 0)
    default:
      for (index, offset) in halves(format).enumerated() {
        put(Float16(index == 0 ? number / 16 : number / -3).bitPattern, at: offset)
      }
    }
    return bytes
  }

  /// Where a block of integers has its float16 numbers: the scale, and the minimum if there is one.
  static func halves(_ format: any WeightFormat.Type) -> [Int] {
    switch format.name {
    case "Q2_K": [80, 82]
    case "Q3_K": [108]
    case "Q6_K": [208]
    case "Q4_1", "Q5_1", "Q4_K", "Q5_K": [0, 2]
    case "TQ1_0": [52]
    case "TQ2_0": [64]
    case "NVFP4": []
    default: [0]
    }
  }

  /// What makes a block of a format refused: bytes in the place of others.
  static func notFinite(_ format: any WeightFormat.Type) -> [(place: Int, bytes: [UInt8])] {
    switch format.name {
    case "F32": [(0, [0, 0, 0x80, 0x7F])]
    case "BF16": [(0, [0x80, 0xFF])]
    case "MXFP4": [(0, [0xFF]), (0, [0xFD])]
    case "F8_E4M3": [(0, [0, 0, 0xC0, 0x7F]), (4, [0x7F]), (35, [0xFF])]
    case "F8_E5M2": [(0, [0, 0, 0x80, 0xFF]), (4, [0x7C]), (35, [0xFE])]
    case "INT8_G32", "INT4_G32", "INT4_G128": [(0, [0, 0, 0x80, 0x7F])]
    case "IQ1_M": [(53, [0xC7, 0, 0x77])]
    default: halves(format).map { ($0, [1, 0xFC]) }
    }
  }

  /// A number of columns in whole blocks of a format, at least as many as wanted.
  static func columns(_ wanted: Int, _ format: any WeightFormat.Type) -> Int {
    (wanted + format.blockLength - 1) / format.blockLength * format.blockLength
  }

  /// The values of such rows, decoded plainly, `[rows][columns]`.
  static func decoded(
    _ format: any WeightFormat.Type, _ bytes: [UInt8], rows: Int, columns: Int
  ) -> [[Float]] {
    let rowBytes = columns / format.blockLength * format.blockBytes
    return (0..<rows).map { row in
      var values = [Float](repeating: 0, count: columns)
      bytes[row * rowBytes..<(row + 1) * rowBytes].withUnsafeBytes { source in
        values.withUnsafeMutableBufferPointer { format.decode(source, into: $0) }
      }
      return values
    }
  }

  /// A weight matrix of such rows.
  static func matrix(
    _ format: any WeightFormat.Type, _ bytes: [UInt8], rows: Int, columns: Int,
    pool: WorkerPool = WorkerPool(threads: 1)
  ) throws -> WeightMatrix {
    try bytes.withUnsafeBytes {
      try WeightMatrix(format: format, rows: rows, columns: columns, source: $0, pool: pool)
    }
  }

  /// Fills a matrix's rows.
  static func fill(_ matrix: Matrix, with values: [Float]) {
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        matrix.row(row)[column] = values[row * matrix.columns + column]
      }
    }
  }

  /// A matrix's row.
  static func row(_ matrix: Matrix, _ index: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: matrix.row(index), count: matrix.columns))
  }
}
