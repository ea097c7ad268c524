import Foundation
import TestSupport
import Testing

@testable import Tensor

@Suite("Weight formats")
struct WeightFormatTests {
  /// A row that the `gguf` package packed and decoded; Tests/Goldens/weight_formats.py made them.
  private struct Golden: Decodable {
    let name: String
    let fileType: UInt32
    let blockLength: Int
    let blockBytes: Int
    let bytes: String
    let bits: [UInt32]

    var raw: [UInt8] {
      let digits = Array(bytes.utf8)
      return stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
      }
    }
  }

  private static func goldens() throws -> [Golden] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/weight_formats.json").standardized
    return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
  }

  @Test("Every format has the numbers of the reference, and decodes its bytes to the same bits")
  func golden() throws {
    let goldens = try Self.goldens()
    #expect(Set(goldens.map(\.name)) == Set(WeightFormats.all.map { $0.name }))
    for golden in goldens {
      let format = try #require(WeightFormats.format(fileType: golden.fileType))
      #expect(format.name == golden.name)
      #expect(format.blockLength == golden.blockLength, "\(golden.name)")
      #expect(format.blockBytes == golden.blockBytes, "\(golden.name)")
      let columns = golden.bits.count
      let plain = Fixture.decoded(format, golden.raw, rows: 1, columns: columns)[0]
      #expect(plain.bits == golden.bits, "\(golden.name) decodes plainly")
      let matrix = try Fixture.matrix(format, golden.raw, rows: 1, columns: columns)
      var packed = [Float](repeating: 0, count: columns)
      packed.withUnsafeMutableBufferPointer { out in
        out.baseAddress.map { matrix.decodeRow(0, into: $0) }
      }
      #expect(packed.bits == golden.bits, "\(golden.name) decodes from its packed form")
    }
  }

  @Test("No two formats share a number or a name, and unknown numbers are nil")
  func list() {
    #expect(Set(WeightFormats.all.map { $0.fileType }).count == WeightFormats.all.count)
    #expect(Set(WeightFormats.all.map { $0.name }).count == WeightFormats.all.count)
    #expect(WeightFormats.format(fileType: 9999) == nil)
  }

  @Test("Rows come back from the packed form as they were", arguments: 0..<WeightFormats.all.count)
  func roundTrip(index: Int) throws {
    let format = WeightFormats.all[index]
    let pool = WorkerPool(threads: 3)
    for rows in [1, 15, 16, 17, 70] {
      let bytes = Fixture.weights(format, rows: rows, columns: 64, seed: UInt64(rows))
      let matrix = try Fixture.matrix(format, bytes, rows: rows, columns: 64, pool: pool)
      let expected = Fixture.decoded(format, bytes, rows: rows, columns: 64)
      for row in 0..<rows {
        let out = GuardedBuffer<Float>(repeating: .nan, count: 64)
        matrix.decodeRow(row, into: out.base)
        #expect(out.elements.bits == expected[row].bits, "\(format.name) row \(row) of \(rows)")
      }
    }
  }

  @Test("A scale or value that is not finite is refused, naming the lowest row")
  func notFinite() throws {
    let infinity: [String: [UInt8]] = [
      "F32": [0, 0, 0x80, 0x7F], "F16": [0, 0x7C], "BF16": [0x80, 0xFF], "Q4_0": [1, 0xFC],
      "Q4_1": [0, 0x7C], "Q8_0": [0, 0x7E],
    ]
    for format in WeightFormats.all {
      let rowBytes = 64 / format.blockLength * format.blockBytes
      var bytes = Fixture.weights(format, rows: 300, columns: 64, seed: 1)
      for row in [290, 37, 131] {
        let bad = try #require(infinity[format.name])
        let offset = (row + 1) * rowBytes - format.blockBytes
        bytes.replaceSubrange(offset..<offset + bad.count, with: bad)
      }
      let error = #expect(throws: TensorError.self) {
        _ = try Fixture.matrix(
          format, bytes, rows: 300, columns: 64, pool: WorkerPool(threads: 4))
      }
      #expect(error?.kind == .notFinite)
      #expect(
        error?.given.contains("row 37 ") == true, "\(format.name): \(String(describing: error))")
    }
  }

  @Test("A Q4_1 minimum that is not finite is refused")
  func minimum() {
    var bytes = Fixture.weights(Q4_1.self, rows: 1, columns: 32, seed: 1)
    bytes[2...3] = [0, 0x7C]
    #expect(throws: TensorError.self) {
      _ = try Fixture.matrix(Q4_1.self, bytes, rows: 1, columns: 32)
    }
  }

  @Test("Sizes that do not fit the bytes are refused")
  func sizes() {
    for format in WeightFormats.all {
      let bytes = Fixture.weights(format, rows: 2, columns: 64, seed: 1)
      for (rows, columns) in [(2, 32), (3, 64), (0, 64), (2, 0), (-2, -64), (Int.max, 64)] {
        #expect(throws: TensorError.self, "\(format.name) [\(rows), \(columns)]") {
          _ = try Fixture.matrix(format, bytes, rows: rows, columns: columns)
        }
      }
    }
    let bytes = Fixture.weights(Q8_0.self, rows: 2, columns: 64, seed: 1)
    #expect(throws: TensorError.self) {
      _ = try Fixture.matrix(Q8_0.self, bytes, rows: 4, columns: 33)
    }
  }

  @Test("The plain decoding of 16-bit floats agrees with the hardware's for all patterns")
  func halves() {
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let value = HalfFloat.value(bits)
      #expect(value.bitPattern == expected.bitPattern || (value.isNaN && expected.isNaN))
    }
  }
}
