import TestSupport
import Testing
import Tokenizers

@Suite("Tokenizer: special tokens")
struct TokenizerSpecialTests {
  let golden: TokenizerGolden
  let tokenizer: Tokenizer

  init() throws {
    golden = try TokenizerGolden.load()
    tokenizer = try golden.tokenizer("smollm")
  }

  private func template(_ text: String) -> PromptSegment { PromptSegment(text, from: .template) }
  private func content(_ text: String) -> PromptSegment { PromptSegment(text, from: .content) }

  @Test("Content that spells a special token is plain text, whatever surrounds it")
  func contentIsPlain() {
    let surroundings = [
      ("", ""), (" ", " "), ("\n", "\n"), ("a", "b"), ("<", ">"), ("<|end", ""), ("", "|>"),
      ("é", "\u{301}"), ("1", "2"), ("\u{0}", "\u{0}"), ("<|start|>", "<|end|>"),
    ]
    for special in golden.specialTexts {
      for (before, after) in surroundings {
        let text = before + special + after
        let prompt = [template("<|start|>user\n"), content(text), template("<|end|>")]
        let tokens = tokenizer.encode(prompt)
        #expect(tokenizer.controlCount(tokens) == 2, "\(text.debugDescription)")
        #expect(tokens.first == 1 && tokens.last == 0)
        #expect(tokenizer.controlCount(tokenizer.encode(text)) == 0)
        #expect(tokenizer.bytes(of: tokens) == Array(("user\n" + text).utf8))
      }
    }
  }

  @Test("A special token that is split between content and template, or over contents, is plain")
  func splitSpecials() {
    for special in golden.specialTexts where special != "☃" && !special.hasPrefix("<|start|>r") {
      let scalars = Array(special)
      for cut in 1..<scalars.count {
        let (head, tail) = (String(scalars[..<cut]), String(scalars[cut...]))
        for prompt in [
          [content(head), template(tail)], [template(head), content(tail)],
          [content(head), content(tail)],
        ] {
          let tokens = tokenizer.encode(prompt)
          #expect(tokenizer.controlCount(tokens) == 0, "\(prompt)")
        }
      }
    }
  }

  @Test("Look-alikes of a special token are plain")
  func lookAlikes() {
    for text in ["＜｜end｜＞", "<|END|>", "<|\u{200B}end|>", "<|end|\u{338}>", "&lt;|end|&gt;"] {
      let tokens = tokenizer.encode([template(text)])
      #expect(!tokens.contains(0), "\(text)")
    }
  }

  @Test("Special tokens are found across template segments that touch, the longest first")
  func templateSegmentsJoin() {
    #expect(tokenizer.encode([template("<|st"), template("art|>")]) == [1])
    #expect(tokenizer.encode([template("<|start|>role<|end|>")]) == [2, 0])
    #expect(tokenizer.encode([template("<|start|>"), content("role")]).first == 1)
    #expect(tokenizer.encode([template("☃☃<|end|>")]) == [3, 3, 0])
    #expect(tokenizer.encode([template("<|e"), content(""), template("nd|>")]) == [0])
  }

  @Test("Random prompts have exactly the control tokens that their template text spells")
  func randomPrompts() {
    var generator = SeededGenerator(seed: 9)
    let parts =
      golden.specialTexts + ["<|en", "d|>", "|>", "<", "role", " ", "\n", "x", "[to", "ol]"]
    for _ in 0..<3000 {
      let prompt = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
        PromptSegment(
          parts[Int.random(in: 0..<parts.count, using: &generator)],
          from: Bool.random(using: &generator) ? .template : .content)
      }
      let tokens = tokenizer.encode(prompt)
      let found = tokens.filter { tokenizer.kind(of: $0) == .control }
      let expected = naiveSpecials(prompt)
      guard found == expected else {
        Issue.record("\(prompt): \(found), not \(expected)")
        return
      }
    }
  }

  /// The special tokens of each stretch of template text, by trying all at every place.
  private func naiveSpecials(_ prompt: [PromptSegment]) -> [Token] {
    var found: [Token] = []
    for stretch in prompt.split(whereSeparator: { $0.source == .content }) {
      var rest = Substring(stretch.map(\.text).joined())
      while !rest.isEmpty {
        let best = golden.specialTexts.enumerated()
          .filter { rest.hasPrefix($0.element) }
          .max { $0.element.count < $1.element.count }
        if let best { found.append(Token(best.offset)) }
        rest = rest.dropFirst(best?.element.count ?? 1)
      }
    }
    return found
  }

  @Test("User-defined tokens follow the same rule and keep their text")
  func userDefined() throws {
    let tokenizer = try VocabularyDraft.bytes().adding(["<think>"], .userDefined).tokenizer()
    #expect(tokenizer.encode([template("<think>")]) == [256])
    #expect(!tokenizer.encode([content("<think>")]).contains(256))
    #expect(tokenizer.bytes(of: 256) == Array("<think>".utf8))
  }
}
