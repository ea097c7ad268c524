import JSON
import Testing
import Tokenizers

@Suite("Unigram, WordPiece and unusual steps against the reference")
struct SubwordModelGoldenTests {
  private static let compared = [
    "t5", "xlm", "unigram-bytes", "uncased", "cased", "falcon", "digits", "spaces", "words",
    "previous", "next", "contiguous", "removed", "kept",
  ]

  private func decode(_ tokens: [Token], _ tokenizer: Tokenizer) -> String {
    var detokenizer = Detokenizer(tokenizer)
    return tokens.map { detokenizer.append($0) }.joined() + detokenizer.finish()
  }

  @Test("A tokenizer.json gives the reference's tokens and text", arguments: compared)
  func documents(_ name: String) throws {
    for golden in try GoldenFile.all("subword_models") {
      let document = golden.object("documents").object(name)
      let tokenizer = try Tokenizer(
        Vocabulary(
          tokenizer: try #require(document["tokenizer"]), configuration: nil, ends: [], rows: 1000))
      let texts = golden.values("texts").map(\.text)
      let special = document.values("special").map(\.tokens)
      let plain = document.values("plain").map(\.tokens)
      let decoded = document.values("text").map(\.text)
      try #require(texts.count >= 100 && plain.count == texts.count)
      for (index, text) in texts.enumerated() {
        #expect(tokenizer.encode(text) == plain[index], "\(text.debugDescription)")
        #expect(decode(plain[index], tokenizer) == decoded[index], "\(text.debugDescription)")
        let found = tokenizer.encode([PromptSegment(text, from: .template)], addsClosing: true)
        // Neither the beginning nor the closing token is added where the text has it already.
        var expected = special[index]
        if let first = expected.first, expected.prefix(2) == [first, first],
          first == tokenizer.beginningOfSequence
        {
          expected.removeFirst()
        }
        if let last = expected.last, expected.suffix(2) == [last, last], last == tokenizer.closing {
          expected.removeLast()
        }
        #expect(found == expected, "\(text.debugDescription)")
      }
    }
  }

  @Test("A model of SentencePiece with a map of characters gives its tokens")
  func file() throws {
    for golden in try GoldenFile.all("subword_models") {
      let file = golden.object("file")
      let bytes = try #require(Base64.decode((file["model"]?.text ?? "").utf8))
      let tokenizer = try Tokenizer(
        Vocabulary(tokenizerModel: bytes, configuration: nil, ends: [], rows: 300))
      let texts = file.values("texts").map(\.text)
      let plain = file.values("plain").map(\.tokens)
      try #require(texts.count >= 50 && texts.count == plain.count)
      for (text, tokens) in zip(texts, plain) {
        #expect(tokenizer.encode(text) == tokens, "\(text.debugDescription)")
      }
      #expect(tokenizer.closing == tokenizer.endOfSequence)
    }
  }

  @Test("Pairs stand between the marks that the document gives them")
  func pairs() throws {
    let golden = try GoldenFile.one("subword_models").object("documents")
    func tokenizer(_ name: String) throws -> Tokenizer {
      let document = try #require(golden.object(name)["tokenizer"])
      return try Tokenizer(
        Vocabulary(tokenizer: document, configuration: nil, ends: [], rows: 1000))
    }
    let bert = try tokenizer("uncased")
    #expect(bert.encodePair("the", "") == [2] + bert.encode("the") + [3, 3])
    let roberta = try tokenizer("xlm")
    #expect(
      roberta.encodePair("the", "fox")
        == [0] + roberta.encode("the") + [1, 1] + roberta.encode("fox") + [1])
  }
}
