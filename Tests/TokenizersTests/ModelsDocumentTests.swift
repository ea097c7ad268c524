import Foundation
import Testing
import Tokenizers

@Suite("Documentation of tokenizers")
struct ModelsDocumentTests {
  @Test("Every name of a pre-tokenizer stands in the documentation, and no other")
  func names() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Documentation/Models.md")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let section = try #require(text.components(separatedBy: "## Tokenizers\n").last)
    let lines = section.split(separator: "\n").drop { !$0.hasPrefix("    ") }
      .prefix { $0.hasPrefix("    ") }
    let listed = lines.flatMap { $0.split(separator: " ").map(String.init) }
    #expect(listed == TextSplitters.all.flatMap(\.names).sorted())
  }
}
