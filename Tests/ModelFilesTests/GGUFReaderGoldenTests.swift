import Foundation
import ModelFiles
import TestSupport
import Testing

/// Compares with what the PyPI package `gguf` wrote and read: `Tests/Goldens/gguf_reader.py`.
@Suite("GGUF file of another writer")
struct GGUFReaderGoldenTests {
  private struct Golden: Decodable {
    struct Entry: Decodable {
      let key: String
      let type: String
      let values: [String]
    }
    struct Tensor: Decodable {
      let name: String
      let type: UInt32
      let dimensions: [Int]
      let offset: UInt64
      let data: String
    }
    let file: Data
    let sha256: String
    let metadata: [Entry]
    let alignment: UInt64
    let tensors: [Tensor]
  }

  private func golden() throws -> Golden {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "..")
    let path = tests.appending(path: "Goldens/gguf_reader.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
  }

  /// A value in the words of the golden.
  private func texts(_ value: MetadataValue) -> [String] {
    switch value {
    case .unsigned(let number): ["\(number)"]
    case .signed(let number): ["\(number)"]
    case .float(let number): ["\(number)"]
    case .bool(let truth): [truth ? "True" : "False"]
    case .string(let text): [text]
    case .strings(let table): Array(table)
    case .numbers(let array): (0..<array.count).flatMap { texts(array[$0]) }
    }
  }

  @Test("Every key, type and value is the same")
  func metadata() throws {
    let golden = try golden()
    let source = MemorySource(Array(golden.file))
    let header = try ModelFile(source: source, types: GGUFWeightFormat.table).header
    #expect(header.metadata.keys == golden.metadata.map(\.key))
    #expect(header.alignment == golden.alignment)
    for entry in golden.metadata {
      let value = try #require(header.metadata[entry.key]?.value)
      if entry.type.hasPrefix("FLOAT") {
        // The two languages write the same number in different digits.
        #expect(texts(value).map { Double($0) } == entry.values.map { Double($0) })
      } else {
        #expect(texts(value) == entry.values, "\(entry.key)")
      }
    }
  }

  @Test("The hash of the whole file is the same")
  func digest() throws {
    let golden = try golden()
    let source = MemorySource(Array(golden.file))
    let file = try ModelFile(source: source, types: GGUFWeightFormat.table)
    #expect(try file.read { _, _ in }.description == golden.sha256)
  }

  @Test("Every tensor lies where the other reader finds it, with the same bytes")
  func tensors() throws {
    let golden = try golden()
    let source = MemorySource(Array(golden.file))
    let header = try ModelFile(source: source, types: GGUFWeightFormat.table).header
    let loading = Loading(source)
    #expect(loading.error == nil)
    #expect(header.tensors.map(\.name) == golden.tensors.map(\.name))
    for (found, expected) in zip(header.tensors, golden.tensors) {
      #expect(found.fileType == expected.type)
      #expect(found.dimensions == expected.dimensions)
      #expect(found.byteRange.lowerBound == expected.offset)
      let data = loading.tensors[found.name] ?? []
      let digits = data.map { byte in
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
      }
      #expect(digits.joined() == expected.data)
    }
  }
}
