import Grammars
import JSON
import Testing

@Suite("Marks count as what they are")
struct AnswerParserMarkTests {
  private let weather = ToolSignature(name: "get_weather", kinds: ["city": .text])
  private let call = "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\"}}"

  @Test("A mark that is a control token counts as that token only")
  func controlTokens() {
    let tokens: Set = ["<tool_call>", "</tool_call>"]
    var parser = AnswerParser(.hermes, tools: [weather], controlTokens: tokens)
    var answer = JoinedAnswer()
    answer.join(parser.take(text: "<tool_call>\(call)</tool_call>\n".utf8))
    #expect(answer.calls.isEmpty)
    answer.join(parser.take(control: "<tool_call>"))
    answer.join(parser.take(text: "\n\(call)\n".utf8))
    answer.join(parser.take(control: "</tool_call>"))
    answer.join(parser.finish(isCut: false))
    #expect(answer.content == "<tool_call>\(call)</tool_call>")
    #expect(answer.calls.map(\.arguments) == ["{\"city\": \"Oslo\"}"])
  }

  @Test("A name that no tool has is text after a mark of text, and a call after a control token")
  func unknownNames() {
    let output = "{\"name\": \"get_wether\", \"arguments\": {}}"
    var plain = AnswerParser(.hermes, tools: [weather])
    var answer = JoinedAnswer()
    answer.join(plain.take(text: "<tool_call>\(output)</tool_call>".utf8))
    answer.join(plain.finish(isCut: false))
    #expect(answer.calls.isEmpty && answer.content == "<tool_call>\(output)</tool_call>")

    var controlled = AnswerParser(.hermes, tools: [weather], controlTokens: ["<tool_call>"])
    answer = JoinedAnswer()
    answer.join(controlled.take(control: "<tool_call>"))
    answer.join(controlled.take(text: output.utf8))
    answer.join(controlled.finish(isCut: false))
    #expect(answer.calls.map(\.name) == ["get_wether"])
  }

  @Test("Half a character waits for its other half")
  func halfCharacters() {
    var parser = AnswerParser(.hermes, tools: [])
    let bytes = Array("é".utf8)
    #expect(parser.take(text: bytes[..<1]) == [])
    #expect(parser.take(text: bytes[1...]) == [.content("é")])
    #expect(parser.take(text: bytes[..<1]) == [])
    #expect(parser.finish(isCut: true) == [.content("\u{FFFD}")])
  }

  @Test("A call that a limit cut before its name was whole is no text")
  func cutBeforeName() {
    for (isCut, content) in [(true, "Hm."), (false, "Hm.\n<tool_call>\n{\"name\": \"get")] {
      var parser = AnswerParser(.hermes, tools: [weather])
      var answer = JoinedAnswer()
      answer.join(parser.take(text: "Hm.\n<tool_call>\n{\"name\": \"get".utf8))
      answer.join(parser.finish(isCut: isCut))
      #expect(answer.content == content)
    }
  }

  @Test("Without tools no mark of a call counts")
  func withoutTools() {
    var parser = AnswerParser(.hermes, tools: [])
    var answer = JoinedAnswer()
    answer.join(parser.take(text: "<tool_call>\(call)".utf8))
    answer.join(parser.finish(isCut: false))
    #expect(answer.calls.isEmpty && answer.content == "<tool_call>\(call)")
  }

  @Test("A block without the mark that opens it is a call where the name is known")
  func missingMark() {
    var parser = AnswerParser(.qwenCoder, tools: [weather])
    var answer = JoinedAnswer()
    let output = "<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>"
    answer.join(parser.take(text: (output + "\n</tool_call>").utf8))
    answer.join(parser.finish(isCut: false))
    #expect(answer.calls.map(\.arguments) == ["{\"city\":\"Oslo\"}"])
  }

  @Test("Parameters are told apart by their bytes")
  func spellings() throws {
    let parameters = #"{"properties":{"\#u{E9}":{"type":"integer"},"e\#u{301}":{"type":"string"}}}"#
    let value = try JSONValue(parsing: Array(parameters.utf8))
    let tool = ToolSignature(name: "f", parameters: value)
    #expect(tool.kinds.count == 2)
    #expect(tool.kinds.values.contains(.value) && tool.kinds.values.contains(.text))
  }

  @Test("A method of a tool is called after a mark only, with keyword arguments")
  func methods() throws {
    let output = "get_weather.call(city=\"Oslo\", days=3)"
    for (mark, isCall) in [("<|python_tag|>", true), ("", false)] {
      for cut in 0..<(mark + output).utf8.count {
        let bytes = Array((mark + output).utf8)
        var parser = AnswerParser(.llamaJSON, tools: [weather])
        var answer = JoinedAnswer()
        answer.join(parser.take(text: bytes[..<cut]))
        answer.join(parser.take(text: bytes[cut...]))
        answer.join(parser.finish(isCut: false))
        #expect(answer.calls.map(\.name) == (isCall ? ["get_weather"] : []))
        #expect(answer.calls.map(\.arguments) == (isCall ? [#"{"city":"Oslo","days":3}"#] : []))
        #expect(answer.calls.allSatisfy { $0.isComplete == true })
        #expect(answer.content == (isCall ? "" : output))
      }
    }
    var other = AnswerParser(.llamaJSON, tools: [weather])
    var answer = JoinedAnswer()
    answer.join(other.take(text: "<|python_tag|>get_weather.run(city=1)".utf8))
    answer.join(other.finish(isCut: false))
    #expect(answer.calls.isEmpty)
  }
}
