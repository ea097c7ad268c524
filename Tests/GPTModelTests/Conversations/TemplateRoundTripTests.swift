import ChatTemplates
import Foundation
import Grammars
import JSON
import TestSupport
import Testing
import Tokenizers

@testable import GPTModel

/// Chat templates that models come with: `TEMPLATES` names a folder of them.
@Suite("Calls go through real templates and come back")
struct TemplateRoundTripTests {
  private static let folder = ProcessInfo.processInfo.environment["TEMPLATES"]
    .map { URL(filePath: $0) }

  private static let files: [String] = {
    guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    else { return [] }
    return names.filter { $0.hasSuffix(".jinja") && !others.contains($0) }.sorted()
  }()

  /// Templates in whose form calls are not read, and such that have no place for these tools.
  private static let others: Set<String> = [
    "CohereForAI-c4ai-command-r-plus-tool_use.jinja", "Kimi-K3.jinja", "MiniMax-M3.jinja",
    "fireworks-ai-llama-3-firefunction-v2.jinja", "muse-glimmer.jinja",
    "openbmb-MiniCPM5-1B.jinja", "tencent-Hy3.jinja", "upstage-Solar-Open-100B.jinja",
  ]

  private static let tool = Tool(
    name: "get_weather", description: "Tells the weather.",
    parameters: parse(
      """
      {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"},
      "hours": {"type": "array", "items": {"type": "integer"}}}, "required": ["city"]}
      """))

  private static let arguments = [
    #"{"city": "São Paulo <x>", "days": 3, "hours": [1, 2]}"#, #"{"city": "Oslo"}"#,
  ]

  private static func parse(_ text: String) -> JSONValue {
    (try? JSONValue(parsing: Array(text.utf8))) ?? .null
  }

  private static func answer(calls count: Int) -> ChatMessage {
    var message = ChatMessage(role: "assistant", content: "")
    let calls = arguments.prefix(count).enumerated().map { index, arguments in
      parse(
        """
        {"id": "call_\(index)", "type": "function", "function": {"name": "get_weather",
        "arguments": \(CallFormat.json(.string(arguments)))}}
        """)
    }
    message.extra["tool_calls"] = .array(calls)
    return message
  }

  @Test(
    "A conversation's calls are read from its rendering",
    .enabled(if: !files.isEmpty, "TEMPLATES names a folder of chat templates"), arguments: files)
  func roundTrip(file: String) throws {
    let folder = try #require(Self.folder)
    let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    let template = try ChatTemplate(
      source: source, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
    let style = AnswerStyle(
      template: template, source: source, tokenizer: try Models.tiny().tokenizer)
    func render(_ messages: [ChatMessage]) throws -> String {
      var options = ChatTemplate.Options()
      options.vouchedRoles = ChatMessage.usualRoles
      options.addGenerationPrompt = false
      options.now = TemplateDate(unixSeconds: 1_750_000_000)
      let prepared = style.prepared(messages, tools: [Self.tool.json])
      options.tools = prepared.tools
      return prepared.restored(try template.render(prepared.messages, options: options))
        .map(\.text).joined()
    }
    let question = ChatMessage(role: "user", content: "How is the weather?")
    let before = try render([question])
    for count in 1...(style.takesTwoCalls ? 2 : 1) {
      let whole = try render([question, Self.answer(calls: count)])
      let rest = whole.utf8.dropFirst(zip(before.utf8, whole.utf8).prefix { $0 == $1 }.count)
      var parser = AnswerParser(
        style.format,
        tools: [ToolSignature(name: Self.tool.name, parameters: Self.tool.parameters)])
      var calls: [(name: String, text: String)] = []
      for event in parser.take(text: rest) + parser.finish(isCut: false) {
        switch event {
        case .callBegan(_, _, let name): calls.append((name, ""))
        case .arguments(let index, let text): calls[index].text += text
        default: break
        }
      }
      let read = calls.map { Self.parse($0.text) }
      let expected = Self.arguments.prefix(count).map(Self.parse)
      let isRead = calls.allSatisfy { $0.name == Self.tool.name } && read == expected
      let report =
        "\(style.format.name), \(style.finding): \(String(decoding: rest, as: UTF8.self))"
      #expect(isRead, "\(report)")
    }
  }
}
