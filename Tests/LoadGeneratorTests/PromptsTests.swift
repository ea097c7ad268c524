import JSON
import Testing

@testable import LoadGenerator

@Suite struct PromptsTests {
  private func text(_ prompts: Prompts, _ conversation: Int, _ turn: Int = 0, of turns: Int = 1)
    -> String
  {
    prompts.prompt(conversation: conversation, turn: turn, turns: turns).text
  }

  @Test("Made-up prompts have so many words, and equal seeds make equal ones")
  func synthetic() {
    let prompts = Prompts(words: 40, seed: 5)
    #expect(text(prompts, 3).split(separator: " ").count == 40)
    #expect(text(prompts, 3) == text(Prompts(words: 40, seed: 5), 3))
    #expect(text(prompts, 3) != text(Prompts(words: 40, seed: 6), 3))
    #expect(Set((0..<200).map { text(prompts, $0) }).count == 200)
    #expect(text(prompts, 3, 0, of: 2) != text(prompts, 3, 1, of: 2))
  }

  @Test("Conversations begin with the shared prefix and part after it")
  func sharedPrefix() {
    let prompts = Prompts(words: 10, sharedWords: 30, seed: 5)
    let (one, other) = (text(prompts, 1), text(prompts, 2))
    let words = [one, other].map { $0.split(separator: " ") }
    #expect(words[0].count == 40)
    #expect(words[0].prefix(30) == words[1].prefix(30))
    #expect(words[0].suffix(10) != words[1].suffix(10))
    #expect(text(prompts, 1, 1, of: 2).split(separator: " ").count == 10)
  }

  @Test("Lines are prompts, objects may limit the answer, empty lines are skipped")
  func lines() throws {
    let prompts = try Prompts(
      lines:
        "Why?\r\n\n  \n{\"prompt\":\"{x}\\n\",\"max_tokens\":7}\n{\"prompt\":\"a\",\"max_tokens\":null}",
      seed: 0)
    let all = (0..<4).map { prompts.prompt(conversation: $0, turn: 0, turns: 1) }
    #expect(all.map(\.text) == ["Why?", "{x}\n", "a", "Why?"])
    #expect(all.map(\.maximumTokens) == [nil, 7, nil, nil])
  }

  @Test("Turns of conversations take the lines one after another")
  func turnsOfLines() throws {
    let prompts = try Prompts(lines: "a\nb\nc", seed: 0)
    let said = (0..<3).map { conversation in
      (0..<2).map { text(prompts, conversation, $0, of: 2) }.joined()
    }
    #expect(said == ["ab", "ca", "bc"])
  }

  @Test(
    "Bad lines are named",
    arguments: [
      ("", "empty"), (" \n", "empty"), ("a\n{", "Line 2"), ("{\"prompt\":1}", "Line 1"),
      ("{\"prompt\":\"a\",\"max_tokens\":0}", "max_tokens"),
      ("{\"prompt\":\"a\",\"max_tokens\":1.5}", "max_tokens"),
    ])
  func badLines(text: String, word: String) {
    let error = #expect(throws: LoadError.self) { try Prompts(lines: text, seed: 0) }
    #expect(error?.description.contains(word) == true)
  }

  @Test("A request is a streamed chat completion with usage")
  func request() throws {
    var request = ChatRequest(
      model: "m", messages: [ChatRequest.Message(role: "user", content: "\"hi\"\n")])
    #expect(
      String(decoding: request.json, as: UTF8.self)
        == #"{"model":"m","messages":[{"role":"user","content":"\"hi\"\n"}],"stream":true,"#
        + #""stream_options":{"include_usage":true},"temperature":0.0}"#)
    request.maximumTokens = 9
    request.ignoresEnd = true
    guard case .object(let members) = try JSONValue(parsing: request.json) else {
      Issue.record("no object")
      return
    }
    #expect(members["max_tokens"] == .integer(9) && members["max_completion_tokens"] == .integer(9))
    #expect(members["ignore_eos"] == .bool(true))
  }
}
