import Foundation
import ModelFiles
import Tensor
import Testing

@Suite("Numbers of weight formats")
struct GGUFTypesTests {
  /// What the `gguf` package says; Tests/Goldens/weight_formats.py asked it.
  private struct Golden: Decodable {
    let name: String
    let fileType: UInt32?
  }

  @Test("Every format has the number of the reference, and no other number has one")
  func numbers() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/weight_formats.json").standardized
    let goldens = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
    // Those without a number come from folders.
    let numbered = goldens.compactMap { golden in golden.fileType.map { ($0, golden.name) } }
    let expected = Dictionary(uniqueKeysWithValues: numbered)
    #expect(GGUFTypes.formats.mapValues { $0.name } == expected)
    #expect(Set(goldens.map(\.name)) == Set(WeightFormats.all.map { $0.name }))
    #expect(goldens.filter { $0.fileType == nil }.count == 5)
  }
}
