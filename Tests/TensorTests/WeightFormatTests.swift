import Foundation
import TestSupport
import Testing

@testable import Tensor

@Suite("Weight formats")
struct WeightFormatTests {
  /// A row that the `gguf` package packed and decoded; Tests/Goldens/weight_formats.py made them.
  private struct Golden: Decodable {
    let name: String
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

  @Test("Every format has the blocks of the reference, and decodes its bytes to the same bits")
  func golden() throws {
    let goldens = try Self.goldens()
    #expect(Set(goldens.map(\.name)) == Set(WeightFormats.all.map { $0.name }))
    for golden in goldens {
      let format = try #require(WeightFormats.format(named: golden.name))
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

  @Test("No two formats share a name, and unknown names are nil")
  func list() {
    #expect(Set(WeightFormats.all.map { $0.name }).count == WeightFormats.all.count)
    #expect(WeightFormats.format(named: "Q9") == nil)
  }

  @Test("Rows come back from the packed form as they were", arguments: 0..<WeightFormats.all.count)
  func roundTrip(index: Int) throws {
    let format = WeightFormats.all[index]
    let pool = WorkerPool(threads: 3)
    let columns = Fixture.columns(64, format)
    for rows in [1, 15, 16, 17, 70] {
      let bytes = Fixture.weights(format, rows: rows, columns: columns, seed: UInt64(rows))
      let matrix = try Fixture.matrix(format, bytes, rows: rows, columns: columns, pool: pool)
      let expected = Fixture.decoded(format, bytes, rows: rows, columns: columns)
      for row in 0..<rows {
        let out = GuardedBuffer<Float>(repeating: .nan, count: columns)
        matrix.decodeRow(row, into: out.base)
        #expect(out.elements.bits == expected[row].bits, "\(format.name) row \(row) of \(rows)")
      }
    }
  }

  @Test("A scale or value that is not finite is refused, naming the lowest row")
  func notFinite() throws {
    for format in WeightFormats.all {
      for (place, bad) in Fixture.notFinite(format) {
        let columns = Fixture.columns(64, format)
        let rowBytes = columns / format.blockLength * format.blockBytes
        var bytes = Fixture.weights(format, rows: 300, columns: columns, seed: 1)
        for row in [290, 37, 131] {
          let offset = (row + 1) * rowBytes - format.blockBytes + place
          bytes.replaceSubrange(offset..<offset + bad.count, with: bad)
        }
        let error = #expect(throws: TensorError.self) {
          _ = try Fixture.matrix(
            format, bytes, rows: 300, columns: columns, pool: WorkerPool(threads: 4))
        }
        #expect(error?.kind == .notFinite)
        #expect(
          error?.given.contains("row 37 ") == true, "\(format.name): \(String(describing: error))")
      }
    }
  }

  @Test("Sizes that do not fit the bytes are refused")
  func sizes() {
    for format in WeightFormats.all {
      let whole = Fixture.columns(64, format)
      let bytes = Fixture.weights(format, rows: 2, columns: whole, seed: 1)
      for (rows, columns) in [
        (2, whole / 2), (3, whole), (0, whole), (2, 0), (-2, -whole), (Int.max, whole),
      ] {
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
