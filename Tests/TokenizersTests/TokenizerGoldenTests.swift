import JSON
import TestSupport
import Testing
import Tokenizers

@Suite("Tokenizer against the reference tokenizer")
struct TokenizerGoldenTests {
  let golden: TokenizerGolden

  init() throws {
    golden = try TokenizerGolden.load()
  }

  @Test(
    "Plain text has the reference's tokens under every splitter that scans",
    arguments: [
      "gpt-2", "smollm", "llama-bpe", "dbrx", "qwen2", "qwen35", "gpt-4o", "tekken", "deepseek-v3",
    ])
  func plainText(_ splitter: String) throws {
    let tokenizer = try golden.tokenizer(splitter)
    let expected = try #require(golden.plain[splitter])
    for (text, tokens) in zip(golden.texts, expected) {
      #expect(tokenizer.encode(text) == tokens, "\(text.debugDescription)")
    }
  }

  @Test("Every splitter has been compared with the reference")
  func splittersAreCovered() throws {
    let words = try GoldenFile.one("splitters").object("splitters")
    let compared = TextSplitters.all.filter { splitter in
      splitter.names.contains { golden.plain[$0] != nil || words[$0] != nil }
    }
    let patterns = Set(compared.map(\.patterns))
    for splitter in TextSplitters.all {
      #expect(patterns.contains(splitter.patterns), "\(splitter.names)")
    }
  }

  @Test("Template text has the reference's tokens, special ones included")
  func templateText() throws {
    let tokenizer = try golden.tokenizer("smollm")
    for (text, tokens) in zip(golden.texts, golden.special) {
      let segment = PromptSegment(text, from: .template)
      #expect(tokenizer.encode([segment]) == tokens, "\(text.debugDescription)")
    }
  }

  @Test("Merges whose results rank before their parts give the reference's tokens")
  func shuffledMerges() throws {
    let merges = golden.order.map { golden.merges[$0] }
    let tokenizer = try golden.tokenizer("gpt-2", merges: merges)
    for (text, tokens) in zip(golden.texts, golden.shuffled) {
      #expect(tokenizer.encode(text) == tokens, "\(text.debugDescription)")
    }
  }

  @Test("Prompts cut into segments have the tokens of the whole where they spell no special token")
  func segmentsAreOneText() throws {
    let tokenizer = try golden.tokenizer("smollm")
    var generator = SeededGenerator(seed: 4)
    for text in golden.texts where !golden.specialTexts.contains(where: text.contains) {
      var segments: [PromptSegment] = []
      for scalar in text.unicodeScalars {
        if segments.isEmpty || Int.random(in: 0..<4, using: &generator) == 0 {
          segments.append(
            PromptSegment("", from: Bool.random(using: &generator) ? .template : .content))
        }
        segments[segments.count - 1].text.unicodeScalars.append(scalar)
      }
      #expect(tokenizer.encode(segments) == tokenizer.encode(text), "\(text.debugDescription)")
    }
  }

  @Test("Characters have the classes of the reference's regular expressions")
  func characterClasses() throws {
    var expected = [[Bool]](repeating: [false, false, false], count: 0x11_0000)
    for (index, name) in ["L", "N", "s"].enumerated() {
      for range in try #require(golden.classes[name]) {
        for code in range[0]...range[1] { expected[Int(code)][index] = true }
      }
    }
    var wrong: [UInt32] = []
    for code in UInt32(0)..<0x11_0000 {
      guard let scalar = Unicode.Scalar(code), isOld(scalar) else { continue }
      let found = [ScalarClass.letter, .number, .whitespace].map {
        !$0.isDisjoint(with: ScalarClasses.shared[code])
      }
      if found != expected[Int(code)] { wrong.append(code) }
    }
    #expect(wrong == [])
  }

  /// Whether the reference's Unicode version, 16, has assigned the character, or none has.
  private func isOld(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major <= 16 } ?? true
  }
}
