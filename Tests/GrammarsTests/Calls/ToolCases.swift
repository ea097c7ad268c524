import Foundation
import Grammars
import JSON

/// The outputs of `Goldens/structured/tool_cases_open.json`, of whose every byte it is known what it is.
struct ToolCase: Sendable, CustomStringConvertible {
  struct Span {
    var kind: String
    var range: Range<Int>
    var call: Int?
  }

  struct Call: Sendable {
    var name: String
    /// Nil where the answer was cut short.
    var arguments: JSONValue?
    var text: String?
    var id: String?
  }

  var description: String
  var family: String
  var tools: [JSONValue]
  var output: [UInt8]
  var reasoning: String?
  var content: String?
  var finishReason: String
  var calls: [Call]
  var spansJSON: JSONValue

  static let all: [ToolCase] = {
    do {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let file = root.appendingPathComponent("Goldens/structured/tool_cases_open.json")
      let document = try JSONValue(parsing: Array(try Data(contentsOf: file)))
      let tools = document["tools"]?.elements ?? []
      return document["cases"]?.elements.map { ToolCase($0, tools: tools) } ?? []
    } catch {
      return []
    }
  }()

  private init(_ value: JSONValue, tools: [JSONValue]) {
    description = value["id"]?.text ?? ""
    family = value["family"]?.text ?? ""
    let names = value["tools"]?.elements.compactMap(\.text) ?? []
    self.tools = tools.filter { names.contains($0["function"]?["name"]?.text ?? "") }
    output = Array((value["output"]?.text ?? "").utf8)
    let expect = value["expect"]
    reasoning = expect?["reasoning"]?.text
    content = expect?["content"]?.text
    finishReason = expect?["finish_reason"]?.text ?? ""
    spansJSON = value["spans"] ?? .null
    calls =
      expect?["calls"]?.elements.map {
        Call(
          name: $0["name"]?.text ?? "", arguments: $0["arguments"] == .null ? nil : $0["arguments"],
          text: $0["arguments_text"]?.text, id: $0["id"]?.text)
      } ?? []
  }

  var spans: [Span] {
    spansJSON.elements.map { span in
      let parts = span.elements
      return Span(
        kind: parts[0].text ?? "", range: (parts[1].whole ?? 0)..<(parts[2].whole ?? 0),
        call: parts.count > 3 ? parts[3].whole : nil)
    }
  }

  var format: CallFormat {
    let names = [
      "smollm3": "hermes", "llama3-python-tag": "llama3-json", "mistral-v11": "mistral-v13",
    ]
    let name = names[family] ?? family
    return CallFormat.families.first { $0.name == name } ?? CallFormat(name: "none")
  }

  /// Whether the prompt has opened the thinking.
  var isThinking: Bool {
    reasoning != nil && ["deepseek-v3.1", "deepseek-v3.2", "glm-4.7"].contains(family)
  }

  /// A parser for the output.
  func parser(controlTokens: Set<String> = []) -> AnswerParser {
    AnswerParser(
      format, tools: tools.compactMap { ToolSignature($0) }, controlTokens: controlTokens,
      isThinking: isThinking)
  }
}

extension JSONValue {
  subscript(name: String) -> JSONValue? {
    if case .object(let object) = self { object[name] } else { nil }
  }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var whole: Int? { if case .integer(let whole) = self { whole } else { nil } }
  var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }
}
