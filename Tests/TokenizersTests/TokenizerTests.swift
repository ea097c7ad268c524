import Testing
import Tokenizers

@Suite("Tokenizer")
struct TokenizerTests {
  @Test("Every sequence of one or two bytes survives, through every splitter's byte pieces")
  func shortByteSequences() throws {
    let tokenizer = try VocabularyDraft.bytes(merges: ["a b", "Ġ t", "Ġt h"]).tokenizer()
    for first in UInt8.min...UInt8.max {
      #expect(tokenizer.bytes(of: [Token(first)]) == [first])
      for second in UInt8.min...UInt8.max {
        // Bytes that are no text arrive as replacement characters; what is text must not change.
        let text = String(decoding: [first, second], as: UTF8.self)
        let tokens = tokenizer.encode(text)
        guard tokenizer.bytes(of: tokens) == Array(text.utf8) else {
          Issue.record("bytes \(first), \(second)")
          continue
        }
      }
    }
  }

  @Test("Every character alone survives", arguments: TextSplitters.all.map { $0.names[0] })
  func singleCharacters(_ splitter: String) throws {
    var draft = VocabularyDraft.bytes()
    draft.preTokenizer = splitter
    let tokenizer = try draft.tokenizer()
    // The smallest stand for all others: every length of UTF-8, every class, both ends of planes.
    let isWhole = splitter == "smollm"
    for code in UInt32(0)..<0x11_0000 where isWhole || code < 0x1000 || code % 257 == 0 {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let text = String(Character(scalar))
      let tokens = tokenizer.encode(text)
      // Without merges each byte's token has the byte's number.
      guard tokens.elementsEqual(text.utf8.lazy.map { Token($0) }) else {
        Issue.record("U+\(String(code, radix: 16))")
        continue
      }
    }
  }

  @Test("Precomposed and decomposed letters stay what they are")
  func canonicalEquivalence() throws {
    let tokenizer = try VocabularyDraft.bytes().tokenizer()
    for text in ["é", "e\u{301}", "\u{212B}", "Å", "\u{1100}\u{1161}", "가"] {
      #expect(tokenizer.bytes(of: tokenizer.encode(text)) == Array(text.utf8))
    }
  }

  @Test("A byte without a token becomes the unknown token, or nothing where there is none")
  func missingBytes() throws {
    var draft = VocabularyDraft(pieces: ["a", "b", "ab"], merges: ["a b"])
    #expect(try draft.tokenizer().encode("aXb") == [2])
    draft.add("<unk>", .unknown)
    let tokenizer = try draft.tokenizer()
    #expect(tokenizer.encode("aXéb") == [0, 3, 3, 3, 1])
    #expect(tokenizer.encode("a" + String(repeating: "X", count: 500)).count == 501)
    #expect(tokenizer.bytes(of: 3) == [])
    #expect(tokenizer.specialText(of: 3) == "<unk>")
  }

  @Test("Tokens have bytes or a name according to their kind")
  func bytesAndNames() throws {
    var draft = VocabularyDraft.bytes(merges: ["Ã ©"])
    draft = draft.adding(["<|end|>"]).adding(["<tool é>"], .userDefined)
    draft = draft.adding(["[PAD1]"], .unused).adding(["<0xE2>"], .byte)
    let tokenizer = try draft.tokenizer()
    #expect(tokenizer.count == 261)
    #expect(tokenizer.bytes(of: 256) == Array("é".utf8))
    #expect(tokenizer.bytes(of: 257) == [])
    #expect(tokenizer.specialText(of: 257) == "<|end|>")
    #expect(tokenizer.bytes(of: 258) == Array("<tool é>".utf8))
    #expect(tokenizer.specialText(of: 258) == nil)
    #expect(tokenizer.bytes(of: 259) == [])
    #expect(tokenizer.specialText(of: 259) == nil)
    #expect(tokenizer.bytes(of: 260) == [0xE2])
    for token in [Token.min, -1, 261, .max] {
      #expect(tokenizer.bytes(of: token) == [])
      #expect(tokenizer.specialText(of: token) == nil)
    }
  }

  @Test("The end of sequence and the additional ends end an answer, and nothing else")
  func ends() throws {
    var draft = VocabularyDraft.bytes().adding(["<a>", "<b>", "<c>"])
    draft.marks.endOfSequence = 256
    draft.marks.additionalEnds = [258]
    let tokenizer = try draft.tokenizer()
    #expect(tokenizer.endsOfSequence == [256, 258])
    #expect(tokenizer.endOfSequence == 256)
    #expect(try VocabularyDraft.bytes().tokenizer().endsOfSequence == [])
  }

  @Test("Control tokens end an answer by their names, unless they stand between its parts")
  func namedEnds() throws {
    let chat = VocabularyDraft.bytes().adding(["<|im_start|>", "<|im_end|>", "<|end|>"])
    #expect(try chat.tokenizer().endsOfSequence == [257, 258])
    let harmony = chat.adding(["<|return|>", "<|call|>"])
    #expect(try harmony.tokenizer().endsOfSequence == [257, 259, 260])
    // What ends an answer is no text, whatever the file calls it.
    let named = try VocabularyDraft.bytes().adding(["<|im_end|>", "</s>"], .userDefined).tokenizer()
    #expect(named.endsOfSequence == [256])
    #expect(named.kind(of: 256) == .control)
    #expect(named.bytes(of: 257) == Array("</s>".utf8))
    let normal = try VocabularyDraft.bytes().adding(["<|im_end|>"], .normal).tokenizer()
    #expect(normal.endsOfSequence == [])
  }

  @Test("A closing token is added once, where it is asked for")
  func closing() throws {
    var draft = VocabularyDraft.bytes().adding(["</s>"])
    #expect(try draft.tokenizer().encode([], addsClosing: true) == [])
    draft.marks.closing = 256
    let tokenizer = try draft.tokenizer()
    for text in ["a", "a</s>"] {
      let prompt = [PromptSegment(text, from: .template)]
      #expect(tokenizer.encode(prompt, addsClosing: true) == [97, 256])
    }
    #expect(tokenizer.encode([PromptSegment("a", from: .content)]) == [97])
  }

  @Test("A prompt begins with the beginning of sequence once, plain text never does")
  func beginningOfSequence() throws {
    var draft = VocabularyDraft.bytes().adding(["<s>"])
    draft.marks.beginningOfSequence = 256
    let silent = try draft.tokenizer()
    #expect(silent.encode([PromptSegment("a", from: .template)]) == [97])
    draft.marks.addsBeginning = true
    let tokenizer = try draft.tokenizer()
    #expect(tokenizer.encode([]) == [256])
    #expect(tokenizer.encode([PromptSegment("a", from: .content)]) == [256, 97])
    #expect(tokenizer.encode([PromptSegment("<s>a", from: .template)]) == [256, 97])
    #expect(tokenizer.encode([PromptSegment("<s>", from: .content)]) == [256, 60, 115, 62])
    #expect(tokenizer.encode("a") == [97])
  }
}
