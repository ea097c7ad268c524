import TestSupport
import Testing
import Tokenizers

@Suite("Detokenizer")
struct DetokenizerTests {
  let tokenizer: Tokenizer

  init() throws {
    tokenizer = try VocabularyDraft.bytes().adding(["<|end|>"]).tokenizer()
  }

  /// The texts that come out of bytes given one by one, the last being that of the end.
  private func decode(_ bytes: some Sequence<UInt8>) -> [String] {
    var detokenizer = Detokenizer(tokenizer)
    return bytes.map { detokenizer.append(Token($0)) } + [detokenizer.finish()]
  }

  @Test("Characters come out whole, with their last byte")
  func wholeCharacters() {
    #expect(decode("aé€😀".utf8) == ["a", "", "é", "", "", "€", "", "", "", "😀", ""])
    #expect(decode("e\u{301}".utf8).joined() == "e\u{301}")
  }

  @Test("Control tokens show by name where that is wanted, and nothing of them otherwise")
  func controlTokens() {
    var hiding = Detokenizer(tokenizer)
    var showing = Detokenizer(tokenizer, showsControlTokens: true)
    let tokens: [Token] = [0x61, 256, 0x62]
    #expect(tokens.map { hiding.append($0) } == ["a", "", "b"])
    #expect(tokens.map { showing.append($0) } == ["a", "<|end|>", "b"])
  }

  @Test("Every character comes out at its last byte and not before")
  func everyCharacter() {
    var detokenizer = Detokenizer(tokenizer)
    for code in UInt32(0)..<0x11_0000 where code < 0x3000 || code % 61 == 0 || code & 0xFFF > 0xFFC
    {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let text = String(Character(scalar))
      var parts: [String] = []
      for byte in text.utf8 { parts.append(detokenizer.append(Token(byte))) }
      let isRight = parts.last == text && parts.dropLast().allSatisfy(\.isEmpty)
      if !isRight { Issue.record("U+\(String(code, radix: 16)): \(parts)") }
    }
    #expect(detokenizer.finish() == "")
  }

  @Test("Bytes in any grouping give what decoding them at once gives")
  func groupings() throws {
    let text = "aé€😀\u{301}한e"
    let bytes = Array(text.utf8)
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      var cuts: [[UInt8]] = [[]]
      for byte in bytes {
        if Bool.random(using: &generator) { cuts.append([]) }
        cuts[cuts.count - 1].append(byte)
      }
      let pieces = Set(cuts.filter { $0.count > 1 }.map { ByteAlphabet.piece(for: $0) }).sorted()
      let draft = VocabularyDraft.bytes().adding(pieces, .normal)
      var detokenizer = Detokenizer(try draft.tokenizer())
      var result = ""
      for cut in cuts where !cut.isEmpty {
        let token = try #require(draft.pieces.firstIndex(of: ByteAlphabet.piece(for: cut)))
        let part = detokenizer.append(Token(token))
        #expect(!part.unicodeScalars.contains("\u{FFFD}"))
        result += part
      }
      #expect(result + detokenizer.finish() == text)
    }
  }

  @Test("Bytes that are no text are replaced as when decoding them at once")
  func invalidBytes() {
    let sequences: [[UInt8]] = [
      [0x80], [0xC0, 0xAF], [0xC1], [0xF5], [0xFF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xE2, 0x82, 0x41],
      [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0xC3, 0xA9], [0xC3, 0xC3, 0xA9], [0xF1, 0x80, 0x80],
    ]
    for bytes in sequences {
      #expect(decode(bytes).joined() == String(decoding: bytes, as: UTF8.self), "\(bytes)")
    }
    for first in UInt8(0x7F)...0xFF {
      for second in UInt8(0x3F)...0xFF {
        let bytes = [first, second, 0x80, 0x41]
        guard decode(bytes).joined() == String(decoding: bytes, as: UTF8.self) else {
          Issue.record("\(bytes)")
          continue
        }
      }
    }
  }

  @Test("Random bytes give what decoding them at once gives, and no character waits for nothing")
  func randomBytes() {
    var generator = SeededGenerator(seed: 6)
    let interesting: [UInt8] = [
      0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF4,
    ]
    for _ in 0..<3000 {
      let bytes = (0..<12).map { _ in interesting.randomElement(using: &generator) ?? 0 }
      let parts = decode(bytes)
      #expect(parts.joined() == String(decoding: bytes, as: UTF8.self), "\(bytes)")
      // What is still held at the end is one beginning of a character.
      #expect(parts.last.map { $0.unicodeScalars.count <= 1 } ?? false)
    }
  }

  @Test("The end flushes an unfinished character as one replacement")
  func finish() {
    var detokenizer = Detokenizer(tokenizer)
    for byte: Token in [0xF0, 0x9F, 0x98] { #expect(detokenizer.append(byte) == "") }
    #expect(detokenizer.finish() == "\u{FFFD}")
    #expect(detokenizer.finish() == "")
    #expect(detokenizer.append(0x41) == "A")
  }

  @Test("Control tokens and numbers outside the vocabulary have no text")
  func control() {
    var detokenizer = Detokenizer(tokenizer)
    for token: Token in [256, 257, -1, .max, .min] { #expect(detokenizer.append(token) == "") }
    #expect(detokenizer.finish() == "")
  }
}
