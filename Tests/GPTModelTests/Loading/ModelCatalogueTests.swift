import Foundation
import GPTModel
import Testing

@Suite("What runs")
struct ModelCatalogueTests {
  @Test("Every name that apus models lists stands in the documentation")
  func documentation() throws {
    let page = try String(
      contentsOf: Models.root.appending(path: "Documentation/Models.md"), encoding: .utf8)
    let words = Set(page.split { !($0.isLetter || $0.isNumber || "_-.".contains($0)) })
    #expect(ModelCatalogue.sections.count == 7)
    for section in ModelCatalogue.sections {
      #expect(!section.names.isEmpty)
      for name in section.names.flatMap({ $0.split(separator: "|") }) {
        #expect(words.contains(name), "\(section.heading): \(name)")
      }
    }
  }
}
