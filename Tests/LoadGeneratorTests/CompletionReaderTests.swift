import Testing

@testable import LoadGenerator

@Suite struct CompletionReaderTests {
  private func delta(_ delta: String) -> String {
    "data: {\"choices\":[{\"index\":0,\"delta\":{\(delta)},\"finish_reason\":null}],\"usage\":null}\n\n"
  }

  private let usage = """
    data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,\
    "prompt_tokens_details":{"cached_tokens":8}}}


    """
  private let finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
  private let done = "data: [DONE]\n\n"

  /// Reads parts that arrive at 0 s, 1 s, 2 s and so on.
  private func read(
    _ parts: [String], limits: CompletionReader.Limits = CompletionReader.Limits()
  ) throws(RequestFailure) -> Answer {
    var reader = CompletionReader(limits: limits)
    try reader.begin(status: 200, contentType: "text/event-stream; charset=utf-8")
    for (second, part) in parts.enumerated() {
      try reader.receive(Array(part.utf8), at: .seconds(second))
    }
    return try reader.end()
  }

  private func failure(_ parts: [String]) -> RequestFailure? {
    #expect(throws: RequestFailure.self) { try read(parts) }
  }

  @Test("Times are those of pieces with content; text, usage and reason are kept")
  func answer() throws {
    let answer = try read([
      ": hello\n\n", delta("\"role\":\"assistant\",\"content\":\"\""), delta("\"content\":\"Hel\""),
      delta("\"content\":\"lo\""), finish, usage + done,
    ])
    #expect(answer.pieceTimes == [.seconds(2), .seconds(3)])
    #expect(answer.text == "Hello")
    #expect(answer.finishReason == "stop")
    #expect([answer.promptTokens, answer.cachedTokens, answer.completionTokens] == [12, 8, 3])
    #expect(answer.tokens == 3)
    #expect(answer.meanGap == .seconds(1))
  }

  @Test("Pieces are counted where the server does not count tokens")
  func noUsage() throws {
    let answer = try read([delta("\"content\":\"a\"") + delta("\"content\":\"b\""), done])
    #expect(answer.tokens == 2 && answer.completionTokens == nil)
    #expect(answer.meanGap == .zero)
  }

  @Test("Reasoning and tool calls are content, but no text")
  func otherContent() throws {
    let answer = try read([
      delta("\"reasoning_content\":\"hm\""), delta("\"tool_calls\":[{\"index\":0}]"),
      delta("\"content\":null,\"tool_calls\":[]"), done,
    ])
    #expect(answer.pieceTimes == [.zero, .seconds(1)])
    #expect(answer.text == "")
  }

  @Test(
    "What is no event stream of a completion is a bad stream",
    arguments: [
      ["data: {\n\n"], ["data: [1]\n\n"], ["data: {\"error\":{\"message\":\"broken\"}}\n\n"],
      ["data: {\"error\":\"broken\"}\n\n"], ["data: [DONE]\n\n"], [],
      ["data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"],
      ["data: " + String(repeating: "[", count: 5000) + "\n\n"],
    ])
  func badStreams(parts: [String]) {
    #expect(failure(parts)?.kind == .badStream)
  }

  @Test("Shapes that nobody expects are passed over")
  func oddShapes() throws {
    let odd = [
      "{}", "{\"choices\":{}}", "{\"choices\":[1,null,{\"delta\":[]},{\"delta\":{\"content\":1}}]}",
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":9223372036854775807}}",
      "{\"usage\":[],\"error\":null}",
    ].map { "data: \($0)\n\n" }.joined()
    let answer = try read([odd, delta("\"content\":\"a\""), done])
    #expect(answer.pieceTimes.count == 1)
    #expect(answer.promptTokens == nil && answer.tokens == 1)
  }

  @Test("The server's own words are in the report")
  func serverError() {
    #expect(
      failure(["data: {\"error\":{\"message\":\"broken\"}}\n\n"])?.detail.hasSuffix("broken")
        == true)
  }

  @Test("Another status is a refusal with the beginning of its body, however long")
  func refusal() throws {
    var reader = CompletionReader()
    try reader.begin(status: 503, contentType: "application/json")
    for _ in 0..<100 { try reader.receive(Array(repeating: 120, count: 1000), at: .zero) }
    let error = #expect(throws: RequestFailure.self) { try reader.end() }
    #expect(error?.kind == .status(503))
    #expect(error?.detail == String(repeating: "x", count: 300))
  }

  @Test("A document instead of a stream is a bad stream")
  func mediaType() {
    for type in ["application/json", nil] {
      var reader = CompletionReader()
      let error = #expect(throws: RequestFailure.self) {
        try reader.begin(status: 200, contentType: type)
      }
      #expect(error?.kind == .badStream)
    }
  }

  @Test("Events and answers have limits")
  func limits() {
    let piece = delta("\"content\":\"a\"")
    #expect(throws: RequestFailure.self) {
      try read([piece, done], limits: CompletionReader.Limits(eventBytes: 50))
    }
    #expect(throws: RequestFailure.self) {
      try read(
        Array(repeating: piece, count: 20) + [done],
        limits: CompletionReader.Limits(answerBytes: piece.utf8.count * 20))
    }
    #expect(throws: Never.self) {
      try read(
        Array(repeating: piece, count: 20) + [done],
        limits: CompletionReader.Limits(answerBytes: piece.utf8.count * 20 + done.utf8.count))
    }
  }
}
