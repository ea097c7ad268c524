import Foundation
import GPTModel
import HTTPTypes
import Testing

@testable import InferenceServer

/// The pages in `Documentation`, whose tables come from the server's own.
///
/// `WRITE_DOCUMENTATION=1 swift test --filter DocumentationTests` writes the tables anew.
@Suite("The documentation has what the server has")
struct DocumentationTests {
  /// A table that stands on a page between two marks.
  struct Block: Sendable, CustomTestStringConvertible {
    let page: String
    let name: String
    let text: String

    var testDescription: String { "\(page) \(name)" }
  }

  static let blocks = [
    Block(page: "API.md", name: "errors", text: ErrorReason.markdown),
    Block(page: "API.md", name: "refusals", text: RefusalReason.markdown),
    Block(page: "API.md", name: "metrics", text: metrics),
    Block(page: "API/Chat.md", name: "fields", text: FieldTable.chat.markdown),
    Block(page: "API/Completions.md", name: "fields", text: FieldTable.completions.markdown),
    Block(
      page: "API/Completions.md", name: "infill", text: FieldTable(FieldTable.infilling).markdown),
    Block(page: "API/Embeddings.md", name: "fields", text: FieldTable.embeddings.markdown),
    Block(page: "API/Rerank.md", name: "rerank", text: FieldTable.rerank.markdown),
    Block(page: "API/Rerank.md", name: "score", text: FieldTable.score.markdown),
    Block(page: "API/Responses.md", name: "fields", text: FieldTable.responses.markdown),
    Block(
      page: "API/Conversations.md", name: "fields", text: FieldTable.conversation.markdown),
    Block(page: "API/Messages.md", name: "fields", text: FieldTable.messages.markdown),
    Block(
      page: "API/Tokens.md", name: "tokenize", text: FieldTable(FieldTable.tokenizing).markdown),
    Block(page: "API/Feedback.md", name: "feedback", text: FieldTable.feedback.markdown),
    Block(page: "API/Tokens.md", name: "detokenize", text: FieldTable.detokenize.markdown),
  ]

  @Test("Every table on a page is the server's own", arguments: blocks)
  func table(block: Block) throws {
    let file = Self.folder.appending(path: block.page)
    let page = try String(contentsOf: file, encoding: .utf8)
    let (begin, end) = ("<!-- \(block.name) -->\n", "\n<!-- end -->")
    let start = try #require(page.range(of: begin)).upperBound
    let stop = try #require(page.range(of: end, range: start..<page.endIndex)).lowerBound
    if ProcessInfo.processInfo.environment["WRITE_DOCUMENTATION"] != nil {
      let new = page.replacingCharacters(in: start..<stop, with: block.text)
      try new.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    #expect(page[start..<stop] == block.text)
  }

  @Test("Every address is on a page, with an example")
  func addresses() throws {
    var text = ""
    for page in Set(Self.blocks.map(\.page)) {
      text += try String(contentsOf: Self.folder.appending(path: page), encoding: .utf8)
    }
    for endpoint in InferenceServer(FakeService(events: [])).routes.endpoints {
      let path = endpoint.path.replacing("/**", with: "/").replacing(":id", with: "[^/\\n]+")
        .replacing(":item", with: "[^/\\n]+")
      let example = try Regex("```http\n\(endpoint.method.rawValue) (/v1)?\(path)[^/\n]*\n")
      #expect(text.contains(example), "\(endpoint.method) \(endpoint.path)")
    }
    #expect(text.contains("```http\nGET /\n"))
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../Documentation")

  private static var metrics: String {
    var lines = ["| name | kind | unit | meaning |", "|---|---|---|---|"]
    func add<Source>(_ metrics: [Metric<Source>], _ prefix: String = PrometheusText.prefix) {
      for metric in metrics {
        let row = [
          "`\(prefix)\(metric.name)`", metric.kind.rawValue, metric.unit.rawValue, metric.help,
        ]
        lines.append("| " + row.joined(separator: " | ") + " |")
      }
    }
    add(EngineFigures.metrics)
    add(ServerFigures.metrics)
    add(CostFigures.metrics)
    add(ProcessFigures.metrics, ProcessFigures.prefix)
    add(ProcessFigures.quotaMetrics)
    return lines.joined(separator: "\n")
  }
}
