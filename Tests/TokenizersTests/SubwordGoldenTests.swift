import JSON
import TestSupport
import Testing
import Tokenizers

@Suite("Subword models against the reference libraries")
struct SubwordGoldenTests {
  let golden: SubwordGolden

  init() throws {
    golden = try SubwordGolden()
  }

  private func decode(_ tokens: [Token], _ tokenizer: Tokenizer) -> String {
    var detokenizer = Detokenizer(tokenizer)
    return tokens.map { detokenizer.append($0) }.joined() + detokenizer.finish()
  }

  @Test(
    "A tokenizer.json gives the reference's tokens and text",
    arguments: [
      "llama", "metaspace-first", "metaspace-always", "metaspace-never", "gemma", "nfc", "qwen35",
      "llama3", "flags", "whole",
    ])
  func documents(_ name: String) throws {
    let vocabulary = try Vocabulary(
      tokenizer: .object(golden.document(name)), configuration: nil, ends: [], rows: 1000)
    let tokenizer = try Tokenizer(vocabulary)
    let expected = golden.expected("documents", name)
    try #require(expected.plain.count == expected.texts.count)
    for (index, text) in expected.texts.enumerated() {
      let template = tokenizer.encode([PromptSegment(text, from: .template)])
      // The beginning of sequence is not added twice.
      let special = expected.special[index]
      let doubled = special.prefix(2) == [template.first, template.first].compactMap { $0 }[...]
      #expect(
        template == (doubled ? Array(special.dropFirst()) : special), "\(text.debugDescription)")
      #expect(tokenizer.encode(text) == expected.plain[index], "\(text.debugDescription)")
      #expect(decode(expected.plain[index], tokenizer) == expected.decoded[index])
    }
  }

  @Test("Scores give SentencePiece's tokens and text", arguments: ["llama", "gemma", "unknown"])
  func scores(_ name: String) throws {
    let tokenizer = try golden.model(name).tokenizer()
    let expected = golden.expected("models", name)
    try #require(expected.plain.count == expected.texts.count)
    for (index, text) in expected.texts.enumerated() {
      #expect(tokenizer.encode(text) == expected.plain[index], "\(text.debugDescription)")
      // SentencePiece shows the unknown token as a question mark.
      if name == "unknown" { continue }
      #expect(decode(expected.plain[index], tokenizer) == expected.decoded[index])
    }
  }

  @Test("Text is composed as the reference composes it, and only once")
  func composition() throws {
    let composition = CanonicalComposition.shared
    try #require(golden.composed.count > 400)
    for pair in golden.composed {
      let found = composition.compose(Array(pair[0].utf8))
      #expect(found == Array(pair[1].utf8), "\(pair[0].unicodeScalars.map(\.value))")
      #expect(composition.compose(found) == found)
    }
  }

  @Test("Composing joins no text of a message to a mark of the template")
  func compositionKeepsSources() throws {
    let document = golden.document("nfc")
    let tokenizer = try Tokenizer(
      Vocabulary(tokenizer: .object(document), configuration: nil, ends: [], rows: 1000))
    let whole = tokenizer.encode([PromptSegment("<e\u{301}>", from: .template)])
    #expect(whole.count == 1)
    let cuts = [("<e", "\u{301}>"), ("<", "e\u{301}>"), ("<e\u{301}", ">"), ("", "<\u{E9}>")]
    for (head, tail) in cuts {
      for sources in [[PromptSegment.Source.template, .content], [.content, .template]] {
        let tokens = tokenizer.encode([
          PromptSegment(head, from: sources[0]), PromptSegment(tail, from: sources[1]),
        ])
        let isTemplates = head.isEmpty && sources[1] == .template
        #expect(tokens.contains(whole[0]) == isTemplates, "\(head)|\(tail)")
        #expect(tokenizer.bytes(of: tokens) == Array("<\u{E9}>".utf8))
      }
    }
  }

  @Test(
    "Messages never yield a control token, whatever the kind of vocabulary",
    arguments: ["llama", "metaspace-first", "metaspace-never", "gemma", "nfc", "llama3", "flags"])
  func contentIsPlain(_ name: String) throws {
    let tokenizer = try Tokenizer(
      Vocabulary(
        tokenizer: .object(golden.document(name)), configuration: nil, ends: [], rows: 1000))
    var generator = SeededGenerator(seed: 31)
    let parts = [
      "<s>", "</s>", "<start_of_turn>", "[INST]", "<unk>", "<", "s>", " ", "▁", "a", "\n\n",
    ]
    for _ in 0..<500 {
      let content = (0..<Int.random(in: 1...6, using: &generator))
        .map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
      let tokens = tokenizer.encode([
        PromptSegment("[INST]", from: .template), PromptSegment(content, from: .content),
        PromptSegment("</s>", from: .template),
      ])
      #expect(tokenizer.controlCount(tokens) == (tokenizer.addsBeginningOfSequence ? 3 : 2))
    }
  }
}
