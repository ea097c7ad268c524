import Grammars
import JSON
import Testing

@Suite("Outputs of 27 formats become the same deltas however they are cut")
struct AnswerParserCaseTests {
  @Test("The cases are there")
  func casesAreThere() {
    #expect(ToolCase.all.count == 69)
    #expect(ToolCase.all.allSatisfy { $0.format.name != "none" })
  }

  @Test("A whole output gives what it says", arguments: ToolCase.all)
  func whole(_ example: ToolCase) throws {
    try expect(join(example, cuts: []), is: example)
  }

  @Test("An output cut once at every byte gives the same", arguments: ToolCase.all)
  func cutOnce(_ example: ToolCase) {
    let whole = join(example, cuts: [])
    for cut in 1..<example.output.count {
      #expect(join(example, cuts: [cut]) == whole, "cut at \(cut)")
    }
  }

  @Test(
    "A byte at a time nothing is taken back, shown too early or too late", arguments: ToolCase.all)
  func byteByByte(_ example: ToolCase) throws {
    var parser = example.parser()
    var answer = JoinedAnswer()
    for position in example.output.indices {
      let before = answer
      answer.join(parser.take(text: [example.output[position]]))
      #expect(answer.extends(before))
      check(answer, fed: position + 1, of: example)
    }
    answer.join(parser.finish(isCut: example.finishReason == "length"))
    #expect(answer == join(example, cuts: []))
    #expect(parser.hasCalls == !example.calls.isEmpty)
  }

  private func join(_ example: ToolCase, cuts: [Int]) -> JoinedAnswer {
    var parser = example.parser()
    var answer = JoinedAnswer()
    var start = 0
    for end in cuts + [example.output.count] {
      answer.join(parser.take(text: example.output[start..<end]))
      start = end
    }
    answer.join(parser.finish(isCut: example.finishReason == "length"))
    return answer
  }

  private func expect(_ answer: JoinedAnswer, is example: ToolCase) throws {
    #expect(answer.reasoning == example.reasoning ?? "")
    #expect(answer.content == example.content ?? "")
    #expect(answer.calls.map(\.name) == example.calls.map(\.name))
    for (call, expected) in zip(answer.calls, example.calls) {
      if let text = expected.text { #expect(call.arguments == text) }
      // An id that follows the arguments comes too late for the first delta.
      if let id = expected.id, example.family != "mistral-v3" { #expect(call.id == id) }
      guard let arguments = expected.arguments else {
        #expect(call.isComplete == false)
        continue
      }
      #expect(call.isComplete == true)
      #expect(try JSONValue(parsing: Array(call.arguments.utf8)) == arguments)
      if expected.text == nil {
        var json = JSONWriter()
        json.value(arguments)
        #expect(call.arguments.utf8.elementsEqual(json.bytes))
      }
    }
  }

  /// The longest mark, and white space that may be dropped before it.
  private static let holdLimit = 40

  private func check(_ answer: JoinedAnswer, fed: Int, of example: ToolCase) {
    for (kind, shown) in [("content", answer.content), ("reasoning", answer.reasoning)] {
      let spans = example.spans.filter { $0.kind == kind }
      #expect(shown.utf8.count <= bytes(of: spans, before: fed), "\(kind) too early at \(fed)")
      let late = wholeCharacters(spans, before: fed - Self.holdLimit, example)
      #expect(shown.utf8.count >= late, "\(kind) too late at \(fed)")
    }
    for (index, _) in example.calls.enumerated() {
      let spans = example.spans.filter { $0.call == index }
      let name = spans.first { $0.kind == "name" }?.range.upperBound ?? 0
      let arguments = spans.filter { $0.kind == "args" }
      let isShown = index < answer.calls.count
      #expect(!isShown || fed >= name, "a call before its name at \(fed)")
      #expect(isShown || fed <= name + Self.holdLimit, "a call too late at \(fed)")
      guard isShown, !arguments.isEmpty else { continue }
      let count = answer.calls[index].arguments.utf8.count
      #expect(count <= bytes(of: arguments, before: fed), "arguments too early at \(fed)")
      let late = wholeCharacters(arguments, before: fed - Self.holdLimit, example)
      #expect(count >= late || fed <= name + Self.holdLimit, "arguments too late at \(fed)")
    }
    for (index, call) in answer.calls.enumerated() {
      let raw = example.spans.filter { $0.call == index && ["raw", "key"].contains($0.kind) }
      #expect(
        call.arguments.utf8.count >= bytes(of: raw, before: fed - Self.holdLimit), "raw at \(fed)")
    }
  }

  private func bytes(of spans: [ToolCase.Span], before end: Int) -> Int {
    spans.reduce(0) { $0 + max(0, min($1.range.upperBound, end) - $1.range.lowerBound) }
  }

  private func wholeCharacters(
    _ spans: [ToolCase.Span], before end: Int, _ example: ToolCase
  ) -> Int {
    var end = end
    while end > 0, end < example.output.count, example.output[end] & 0xC0 == 0x80 { end -= 1 }
    return bytes(of: spans, before: end)
  }
}
