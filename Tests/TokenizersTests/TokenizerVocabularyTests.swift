import Testing
import Tokenizers

@Suite("Vocabulary")
struct TokenizerVocabularyTests {
  private let base = VocabularyDraft.bytes(merges: ["a b", "ab c"]).adding(["<|end|>"])

  /// The fault that is found after a change to a sound vocabulary.
  private func fault(_ change: (inout VocabularyDraft) -> Void) -> String? {
    var draft = base
    change(&draft)
    do {
      _ = try draft.tokenizer()
      return nil
    } catch {
      return "\(error.kind.rawValue) \(error.field)"
    }
  }

  @Test("A sound vocabulary is accepted")
  func sound() throws {
    #expect(fault { _ in } == nil)
    #expect(try base.vocabulary().count == 259)
    // An empty normal piece has no text and is never produced: nothing to refuse.
    #expect(fault { $0.add("", .normal) } == nil)
  }

  @Test("Counts must be sound")
  func counts() {
    #expect(
      fault {
        $0.pieces = []
        $0.kinds = []
      } == "invalid pieces")
    #expect(fault { $0.kinds.removeLast() } == "invalid kinds")
    #expect(fault { $0.kinds.append(.normal) } == "invalid kinds")
    #expect(
      fault {
        let count = Vocabulary.maximumCount + 1
        $0.pieces = Array(repeating: "a", count: count)
        $0.kinds = Array(repeating: .normal, count: count)
      } == "limit pieces")
    #expect(
      fault { $0.merges = Array(repeating: "a b", count: Vocabulary.maximumCount + 1) }
        == "limit merges")
  }

  @Test("Special tokens' numbers must be in the vocabulary", arguments: [-1, 259, Token.max, .min])
  func tokenRanges(_ token: Token) {
    #expect(fault { $0.marks.beginningOfSequence = token } == "invalid beginningOfSequence")
    #expect(fault { $0.marks.endOfSequence = token } == "invalid endOfSequence")
    #expect(fault { $0.marks.additionalEnds = [0, token] } == "invalid additionalEnd")
  }

  @Test("A beginning of sequence that is to be added must be named")
  func missingBeginning() {
    #expect(fault { $0.marks.addsBeginning = true } == "missing beginningOfSequence")
  }

  @Test("Pieces must differ, as bytes and not as characters")
  func duplicates() {
    #expect(fault { $0.pieces[7] = "a" } == "duplicate pieces")
    #expect(fault { $0.pieces[258] = "ab" } == "duplicate pieces")
    // U+00C5 stands for a byte; U+212B is canonically the same and yet another text.
    #expect(fault { $0.pieces[258] = "\u{212B}" } == nil)
  }

  @Test(
    "Normal pieces outside the byte alphabet are text that is never found, and have no merges",
    arguments: ["a b", "汉", "a\n", "\u{7F}"])
  func alphabet(_ piece: String) throws {
    var draft = base
    draft.add(piece, .normal)
    let tokenizer = try draft.tokenizer()
    #expect(tokenizer.bytes(of: 259) == Array(piece.utf8))
    #expect(!tokenizer.encode([PromptSegment(piece, from: .template)]).contains(259))
    #expect(fault { $0.pieces[257] = piece } == "invalid merges")
  }

  @Test("Special tokens must not be empty", arguments: [TokenKind.control, .userDefined])
  func emptySpecial(_ kind: TokenKind) {
    #expect(
      fault {
        $0.pieces[258] = ""
        $0.kinds[258] = kind
      } == "invalid pieces")
  }

  @Test(
    "Byte tokens must name a byte",
    arguments: [
      "<0x-1>", "<0x+1>", "<0xZZ>", "<0x1>", "<0x123>", "0x12", "<0x12", "<0x>", "", "<0x١٢>",
    ])
  func byteTokens(_ piece: String) {
    #expect(
      fault {
        $0.pieces[258] = piece
        $0.kinds[258] = .byte
      } == "invalid pieces")
  }

  @Test("Sizes of pieces are limited")
  func sizes() {
    let limit = 1 << 16
    #expect(fault { $0.pieces[257] = String(repeating: "a", count: limit) } != nil)
    #expect(
      fault { $0.pieces[258] = String(repeating: "a", count: limit + 1) }
        == "limit pieces")
    let specials = (0..<40).map { String(repeating: "x", count: limit - 2) + String($0 + 10) }
    #expect(fault { $0 = $0.adding(specials) } == "limit pieces")
  }

  @Test(
    "Merges must join two normal pieces to a third",
    arguments: [
      "ab", "", " ", "a ", " a", "a  b", "a b c", "a xyz", "xyz a", "a c", "<|end| >",
      "<|end|> a", "a <|end|>",
    ])
  func merges(_ merge: String) {
    #expect(fault { $0.merges.append(merge) } == "invalid merges")
  }

  @Test("No merge can make a control token of text")
  func mergeToControl() {
    #expect(
      fault {
        $0 = $0.adding(["xy"])
        $0.merges.append("x y")
      } == "invalid merges")
  }

  @Test("A merge must not stand twice")
  func duplicateMerge() {
    #expect(fault { $0.merges.append("a b") } == "duplicate merges")
  }

  @Test("An unknown pattern is refused with the list of the known ones")
  func unknownSplitter() throws {
    #expect(fault { $0.preTokenizer = "nonesuch" } == "unsupported preTokenizer")
    var draft = base
    draft.preTokenizer = "nonesuch"
    let error = try #require(throws: VocabularyError.self) { try draft.vocabulary() }
    for name in ["nonesuch", "gpt-2", "default", "smollm", "llama-bpe", "qwen2"] {
      #expect(error.detail.contains(name))
    }
  }

  @Test("A vocabulary without a single byte cannot read text")
  func noBytes() {
    #expect(fault { $0.kinds = $0.kinds.map { _ in .control } } != nil)
    #expect(throws: VocabularyError.self) { try VocabularyDraft(pieces: ["ab"]).tokenizer() }
  }
}
