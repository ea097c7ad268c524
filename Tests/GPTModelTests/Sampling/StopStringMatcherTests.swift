import GPTModel
import TestSupport
import Testing

@Suite("Stop-string matcher")
struct StopStringMatcherTests {
  /// What came out of text given in parts.
  private struct Outcome: Equatable {
    var text = ""
    var string: String?
  }

  private func run(_ parts: [String], _ strings: [String]) -> Outcome {
    var matcher = StopStringMatcher(strings)
    var outcome = Outcome()
    for part in parts {
      switch matcher.append(part) {
      case .text(let text): outcome.text += text
      case .stopped(let text, let string):
        outcome.text += text
        outcome.string = string
        return outcome
      }
    }
    outcome.text += matcher.finish()
    return outcome
  }

  /// The rule in its plainest form: the string that ends first, of those the longest.
  private func naive(_ text: String, _ strings: [String]) -> Outcome {
    let bytes = Array(text.utf8)
    for end in 0...bytes.count {
      let found = strings.filter {
        !$0.isEmpty && bytes[..<end].reversed().starts(with: $0.utf8.reversed())
      }
      guard let string = found.max(by: { $0.utf8.count < $1.utf8.count }) else { continue }
      let before = bytes[..<(end - string.utf8.count)]
      return Outcome(text: String(decoding: before, as: UTF8.self), string: string)
    }
    return Outcome(text: text)
  }

  @Test("A string is found however the text is cut, and no part of it comes out")
  func everyCut() {
    let text = "one two\n\nUser: three"
    let scalars = Array(text)
    for first in 0...scalars.count {
      for second in first...scalars.count {
        let parts = [scalars[..<first], scalars[first..<second], scalars[second...]]
        let outcome = run(parts.map { String($0) }, ["\n\nUser:", "zzz"])
        #expect(outcome == Outcome(text: "one two", string: "\n\nUser:"))
      }
    }
  }

  @Test("Random texts, strings and cuts give what the plain rule gives")
  func randomTexts() {
    var generator = SeededGenerator(seed: 8)
    let letters = Array("aab🙂é")
    func text(_ lengths: ClosedRange<Int>) -> String {
      String(
        (0..<Int.random(in: lengths, using: &generator)).map { _ in
          letters.randomElement(using: &generator) ?? "a"
        })
    }
    for _ in 0..<4000 {
      let strings = (0..<Int.random(in: 0...4, using: &generator)).map { _ in text(1...5) }
      let parts = (0..<Int.random(in: 0...8, using: &generator)).map { _ in text(0...4) }
      let outcome = run(parts, strings)
      let expected = naive(parts.joined(), strings)
      guard outcome == expected else {
        Issue.record("\(parts), \(strings): \(outcome), not \(expected)")
        return
      }
    }
  }

  @Test("What cannot become a stop string any more comes out at once")
  func nothingIsWithheldLonger() {
    var matcher = StopStringMatcher(["abcd", "bcx"])
    #expect(matcher.append("xa") == .text("x"))
    #expect(matcher.append("b") == .text(""))
    #expect(matcher.append("c") == .text(""))
    #expect(matcher.append("a") == .text("abc"))
    #expect(matcher.append("z") == .text("az"))
    #expect(matcher.append("ab") == .text(""))
    #expect(matcher.append("cx!") == .stopped(text: "a", by: "bcx"))
  }

  @Test("The string that is complete first wins, and of two that end together the longer")
  func priority() {
    #expect(run(["xabcd"], ["abcd", "bc"]) == Outcome(text: "xa", string: "bc"))
    #expect(run(["xabc"], ["bc", "abc", "c"]) == Outcome(text: "x", string: "abc"))
    #expect(run(["aaa"], ["aa", "aaa"]) == Outcome(text: "", string: "aa"))
  }

  @Test("After a match further text is ignored, and nothing is left")
  func afterMatch() {
    var matcher = StopStringMatcher(["."])
    #expect(matcher.append("a.b") == .stopped(text: "a", by: "."))
    #expect(matcher.append("c.") == .stopped(text: "", by: "."))
    #expect(matcher.finish() == "")
  }

  @Test("Without strings, or with empty ones, all text comes out")
  func nothingToFind() {
    for strings in [[], [""]] {
      var matcher = StopStringMatcher(strings)
      #expect(matcher.append("abc") == .text("abc"))
      #expect(matcher.append("") == .text(""))
      #expect(matcher.finish() == "")
    }
  }

  @Test("A beginning that comes to nothing is given out at the end")
  func flush() {
    var matcher = StopStringMatcher(["</end>"])
    #expect(matcher.append("text</en") == .text("text"))
    #expect(matcher.finish() == "</en")
    #expect(matcher.finish() == "")
  }

  @Test("Texts that are canonically the same but differ in bytes do not match")
  func bytesMatter() {
    #expect(run(["caf\u{65}\u{301}"], ["\u{E9}"]) == Outcome(text: "caf\u{65}\u{301}"))
  }
}
