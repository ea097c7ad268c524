import Foundation
import Grammars
import JSON
import Testing

/// What Python's regular expressions say of the same patterns; Tests/Goldens/regular_expressions.py wrote it.
@Suite("Regular expressions against goldens")
struct RegexGoldenTests {
  private static func cases() throws -> [JSONValue] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Goldens/structured/regular_expressions.json").standardized
    let limits = JSONLimits(depth: 16, values: 200_000)
    guard
      case .array(let cases) = try JSONValue(
        parsing: [UInt8](try Data(contentsOf: file)), limits: limits)
    else { return [] }
    return cases
  }

  @Test("They take the same texts, whole and searching")
  func sameTexts() throws {
    var checked = 0
    var refusals: [String] = []
    for entry in try RegexGoldenTests.cases() {
      guard case .object(let members) = entry, case .string(let pattern)? = members["pattern"],
        case .array(let rows)? = members["texts"]
      else { throw GrammarError(.invalid, "is no case") }
      let whole: Language
      let searching: Language
      do throws(GrammarError) {
        whole = Language(try RegexSyntax.parse(pattern, anchored: true))
        searching = Language(try RegexSyntax.parse(pattern, anchored: false))
      } catch {
        #expect(error.kind == .unsupported || error.kind == .tooComplex, "\(pattern): \(error)")
        refusals.append(pattern)
        continue
      }
      for row in rows {
        guard case .array(let fields) = row, case .string(let text) = fields[0] else { continue }
        let isWhole = whole.contains(text)
        let isFound = searching.contains(text)
        #expect(
          fields[1] == .integer(isWhole ? 1 : 0) && fields[2] == .integer(isFound ? 1 : 0),
          "\(pattern) \(text.debugDescription): whole \(isWhole), found \(isFound)")
        checked += 1
      }
    }
    #expect(checked > 11_000)
    #expect(refusals.count < 60, "\(refusals.count) of the patterns are refused: \(refusals)")
  }
}
