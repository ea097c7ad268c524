import Grammars
import JSON
import Testing

@Suite("No output of a model harms the parser of answers")
struct AnswerParserSafetyTests {
  @Test("An output cut at any byte ends well, by a limit and by the model", arguments: ToolCase.all)
  func truncated(_ example: ToolCase) {
    for end in example.output.indices {
      for isCut in [false, true] {
        var parser = example.parser()
        var answer = JoinedAnswer()
        answer.join(parser.take(text: example.output[..<end]))
        answer.join(parser.finish(isCut: isCut))
        checkCalls(answer, of: example)
      }
    }
  }

  @Test("Outputs with random faults give the same deltas in any pieces", arguments: ToolCase.all)
  func faulty(_ example: ToolCase) {
    for seed in 1...20 {
      var random = Seeded(seed: UInt64(seed) &* 7919 &+ UInt64(example.output.count))
      let output = random.damage(example.output, with: ToolCase.all)
      var whole = JoinedAnswer()
      var parser = example.parser()
      whole.join(parser.take(text: output))
      whole.join(parser.finish(isCut: false))
      checkCalls(whole, of: example)
      var pieces = JoinedAnswer()
      parser = example.parser()
      for byte in output { pieces.join(parser.take(text: [byte])) }
      pieces.join(parser.finish(isCut: false))
      #expect(pieces == whole, "seed \(seed)")
    }
  }

  @Test("Values that nest too deep, long numbers and long names end a call or are text")
  func excesses() throws {
    let deep = String(repeating: "[", count: 100_000)
    let digits = String(repeating: "9", count: 5_000)
    for example in ToolCase.all
    where example.description.hasSuffix("/one") && example.calls[0].name == "get_weather" {
      let text = String(decoding: example.output, as: UTF8.self)
      for value in [deep, digits, "\u{0}", "True", "{\"a\": [1, {\"a\": 2, \"a\": ]}"] {
        var parser = example.parser()
        var answer = JoinedAnswer()
        answer.join(parser.take(text: text.replacing("3", with: value).utf8))
        answer.join(parser.finish(isCut: false))
        checkCalls(answer, of: example)
      }
      var parser = example.parser()
      var answer = JoinedAnswer()
      let long = text.replacing("get_weather", with: String(repeating: "a", count: 100_000))
      answer.join(parser.take(text: long.utf8))
      answer.join(parser.finish(isCut: false))
      #expect(answer.calls.isEmpty)
    }
  }

  @Test("Of two arguments of one name the first counts")
  func repeatedArguments() {
    let tool = ToolSignature(name: "f", kinds: ["a": .text, "b": .value])
    let argument = { (name: String, value: String) in
      "<parameter=\(name)>\n\(value)\n</parameter>\n"
    }
    let arguments = [("a", "x"), ("b", "[1]"), ("a", "y"), ("b", "2"), ("a", "z")]
      .map(argument).joined()
    var parser = AnswerParser(.qwenCoder, tools: [tool])
    var answer = JoinedAnswer()
    answer.join(
      parser.take(text: "<tool_call>\n<function=f>\n\(arguments)</function>\n</tool_call>".utf8))
    answer.join(parser.finish(isCut: false))
    #expect(answer.calls.map(\.arguments) == [#"{"a":"x","b":[1]}"#])
  }

  /// Calls are over, and complete arguments that were rewritten are JSON.
  private func checkCalls(_ answer: JoinedAnswer, of example: ToolCase) {
    #expect(answer.calls.allSatisfy { $0.isComplete != nil })
    guard example.calls.first.map({ $0.text == nil }) ?? false else { return }
    for call in answer.calls where call.isComplete == true {
      do {
        let limits = JSONLimits(depth: 256, values: 100_000)
        _ = try JSONValue(parsing: Array(call.arguments.utf8), limits: limits)
      } catch {
        // Numbers keep their digits and escapes of halves of pairs stay, whatever they say.
        #expect([.numberOutOfRange, .loneSurrogate].contains(error.kind), "\(call.arguments)")
      }
    }
  }
}

/// A generator of random numbers with a seed.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// Bytes with some removed, changed, repeated, or replaced by a part of another output.
  mutating func damage(_ bytes: [UInt8], with others: [ToolCase]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
      let start = Int.random(in: 0..<bytes.count, using: &self)
      let end = min(bytes.count, start + Int.random(in: 0...12, using: &self))
      switch Int.random(in: 0..<4, using: &self) {
      case 0: bytes.removeSubrange(start..<end)
      case 1: bytes[start] = UInt8.random(in: 0...255, using: &self)
      case 2: bytes.insert(contentsOf: bytes[start..<end], at: start)
      default:
        let other = others.randomElement(using: &self)?.output ?? []
        let from = Int.random(in: 0...other.count, using: &self)
        bytes.insert(contentsOf: other[from..<min(other.count, from + 20)], at: start)
      }
    }
    return bytes
  }
}
