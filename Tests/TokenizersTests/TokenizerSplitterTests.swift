import TestSupport
import Testing
import Tokenizers

@Suite("Text splitters")
struct TokenizerSplitterTests {
  /// A text and the words of it that a pattern gives, separated by a bar.
  ///
  /// Written by hand from the patterns; the golden file has the reference's view of many more.
  struct Example: Sendable, CustomTestStringConvertible {
    let splitter: String
    let words: String
    var testDescription: String { "\(splitter): \(words.debugDescription)" }
  }

  @Test(
    "Words end where the patterns say",
    arguments: [
      Example(splitter: "gpt-2", words: "Hello| world|!| 123| it|'s| we|'ll| don|'t| X|'|S"),
      Example(splitter: "gpt-2", words: "a|  | b|\t|\t|c| \n| d|  "),
      Example(splitter: "gpt-2", words: "x| ²½Ⅷ|y| !?\u{301}"),
      Example(splitter: "smollm", words: "a|1|2|3|b| |4|  |5|   | c|  "),
      Example(splitter: "smollm", words: "it|'s| '|1|s"),
      Example(splitter: "llama-bpe", words: "123|456|7| |8|'S|.x|\n\n|a| ?\n\n|  \n| | b"),
      Example(splitter: "llama-bpe", words: "\ta|\t|\tb|\t|1|\n|a|'Ll|'ſ|  \n \n|  "),
      Example(splitter: "qwen2", words: "1|2| |3| x|\r\n|y|!!\r\n"),
    ])
  func words(_ example: Example) throws {
    let splitter = try #require(TextSplitters.named(example.splitter))
    let words = example.words.unicodeScalars.split(separator: "|").map { String($0) }
    #expect(splitter.words(of: words.joined()) == words)
  }

  @Test("Words cover the text, whatever it is", arguments: TextSplitters.all.map { $0.names[0] })
  func coverage(_ name: String) throws {
    let splitter = try #require(TextSplitters.named(name))
    var generator = SeededGenerator(seed: 12)
    let scalars = Array("aZé汉1²'sStTlL .!\t\n\r \u{A0}\u{301}👩‍".unicodeScalars)
    for _ in 0..<1000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<20, using: &generator) {
        text.append(scalars[Int.random(in: 0..<scalars.count, using: &generator)])
      }
      let words = splitter.words(of: String(text))
      #expect(words.allSatisfy { !$0.isEmpty })
      #expect(words.flatMap(\.utf8) == Array(String(text).utf8))
    }
  }

  @Test("Names lead to one splitter each")
  func names() {
    let names = TextSplitters.all.flatMap(\.names)
    #expect(Set(names).count == names.count)
    #expect(TextSplitters.named("") == nil)
  }

  @Test("The byte alphabet has a stand-in of its own for every byte")
  func alphabet() {
    #expect(Set(ByteAlphabet.scalars).count == 256)
    #expect(ByteAlphabet.piece(for: [0x20, 0x0A, 0x41, 0x7F, 0xAD]) == "ĠĊAġŃ")
    for byte in UInt8.min...UInt8.max {
      #expect(ByteAlphabet.bytes(of: ByteAlphabet.piece(for: [byte])) == [byte])
    }
    for text in [" ", "\u{144}", "汉", "e\u{301}", "\u{AD}"] {
      #expect(ByteAlphabet.bytes(of: text) == nil)
    }
  }
}
