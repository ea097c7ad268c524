import Grammars
import JSON
import Testing

@Suite("Calls are written as they are read")
struct CallWritingTests {
  @Test("Calls written in any format are read again", arguments: CallFormat.families.map(\.name))
  func roundTrip(_ name: String) throws {
    let format = try #require(CallFormat.families.first { $0.name == name })
    let document = #"{"text": "it's \"so\": <a>\n{x}, é😀", "list": [1, null, true, {"k": "v"}]}"#
    let value = try JSONValue(parsing: Array(document.utf8))
    guard case .object(let arguments) = value else { return }
    let tools = ["first", "second-tool"].map {
      ToolSignature(name: $0, kinds: ["text": .text, "list": .value])
    }
    let calls = tools.map {
      CallFormat.Call(id: "a1B2c3D4e", name: $0.name, arguments: arguments)
    }
    for count in 1...2 {
      var parser = AnswerParser(format, tools: tools)
      var answer = JoinedAnswer()
      answer.join(parser.take(text: format.text(of: Array(calls[..<count])).utf8))
      answer.join(parser.finish(isCut: false))
      #expect(answer.calls.map(\.name) == calls[..<count].map(\.name))
      for call in answer.calls {
        #expect(call.isComplete == true)
        #expect(try JSONValue(parsing: Array(call.arguments.utf8)) == value)
      }
    }
  }

  @Test("The format is found by what a template writes", arguments: CallFormat.families.map(\.name))
  func found(_ name: String) throws {
    let format = try #require(CallFormat.families.first { $0.name == name })
    let found = CallFormat.find { messages, tools, _ in
      let prefix = format.layout == .recipients ? ">>>" : "assistant\n"
      guard let last = messages.last?["tool_calls"]?.elements.first?["function"],
        case .object(let arguments)? = last["arguments"]
      else { return prefix + (messages.last?["content"]?.text ?? "") }
      let name = last["name"]?.text ?? ""
      return prefix
        + format.text(of: [CallFormat.Call(id: "a1B2c3D4e", name: name, arguments: arguments)])
    }
    #expect(found.by == .calls)
    #expect(found.format.name == name)
  }

  @Test("A template that shows no tools gets the generic form")
  func generic() {
    let found = CallFormat.find { messages, _, _ in messages.last?["content"]?.text ?? "" }
    #expect(found.format == .hermes && found.by == .none)
  }
}
