import TestSupport
import Testing
import Tokenizers

@Suite("SentencePiece vocabularies")
struct SentencePieceTests {
  /// The unknown token, the letters a, b, c and a space, and pieces of them with scores.
  private func draft(_ pieces: [(String, Float)], bytes: Bool = false) -> SentencePieceDraft {
    let base: [(String, Float)] = [("<unk>", 0), ("a", -90), ("b", -91), ("c", -92), ("▁", -93)]
    let all = base + pieces
    var draft = SentencePieceDraft(
      pieces: all.map(\.0), kinds: all.map { _ in .normal }, scores: all.map(\.1))
    draft.kinds[0] = .unknown
    if bytes {
      for byte in 0..<256 {
        let digits = String(byte, radix: 16, uppercase: true)
        draft.pieces.append(byte < 16 ? "<0x0\(digits)>" : "<0x\(digits)>")
        draft.kinds.append(.byte)
        draft.scores.append(0)
      }
    }
    return draft
  }

  /// Joining as its definition says it.
  private func naive(_ text: String, _ draft: SentencePieceDraft) -> [Token] {
    var parts = text.map { $0 == " " ? "▁" : String($0) }
    while true {
      let found = zip(parts, parts.dropFirst()).enumerated().compactMap { index, pair in
        draft.pieces.firstIndex(of: pair.0 + pair.1)
          .flatMap { draft.kinds[$0] == .normal ? (score: draft.scores[$0], index: index) : nil }
      }
      guard let best = found.max(by: { ($0.score, -$0.index) < ($1.score, -$1.index) }) else {
        break
      }
      parts.replaceSubrange(
        best.index...(best.index + 1), with: [parts[best.index] + parts[best.index + 1]])
    }
    var tokens: [Token] = []
    for part in parts {
      let token = Token(draft.pieces.firstIndex(of: part) ?? 0)
      if token != 0 || tokens.last != 0 { tokens.append(token) }
    }
    return tokens
  }

  @Test("Random pieces and scores, many of them equal, give what the definition gives")
  func definition() throws {
    var generator = SeededGenerator(seed: 5)
    for round in 0..<200 {
      var pieces: [String: Float] = [:]
      for _ in 0..<Int.random(in: 1...25, using: &generator) {
        // d stands in pieces, but is none itself.
        let piece = String(
          (0..<Int.random(in: 2...4, using: &generator))
            .map { _ in "aabbcd▁".randomElement(using: &generator) ?? "a" })
        pieces[piece] = Float(Int.random(in: -4...0, using: &generator))
      }
      let draft = draft(pieces.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
      let tokenizer = try draft.tokenizer()
      for length in [1, 2, 5, 9, 30, 400] {
        let text = String(
          (0..<length).map { _ in "aabbccd x".randomElement(using: &generator) ?? "a" })
        #expect(tokenizer.encode(text) == naive(text, draft), "\(round): \(text.prefix(40))")
      }
    }
  }

  @Test("Of equal scores the leftmost pair is joined first")
  func ties() throws {
    let tokenizer = try draft([("ab", -1), ("bc", -1), ("ca", -1)]).tokenizer()
    #expect(tokenizer.encode("abc") == [5, 3])
    #expect(tokenizer.encode("bcab") == [6, 5])
    #expect(tokenizer.encode("cabc") == [7, 6])
  }

  @Test("A character without a piece becomes its bytes, or one unknown token for several")
  func fallbacks() throws {
    let unknown = try draft([]).tokenizer()
    #expect(unknown.encode("aé€b") == [1, 0, 2])
    #expect(unknown.bytes(of: 0) == [])
    let draft = draft([], bytes: true)
    let bytes = try draft.tokenizer()
    #expect(bytes.encode("aéb") == [1, 5 + 0xC3, 5 + 0xA9, 2])
    #expect(bytes.bytes(of: bytes.encode("é€👩‍👩 \u{0}")) == Array("é€👩‍👩 \u{0}".utf8))
    var detokenizer = Detokenizer(bytes)
    #expect(bytes.encode("é€").map { detokenizer.append($0) } == ["", "é", "", "", "€"])
  }

  @Test("A space stands before a text where the vocabulary wants it, and decoding leaves it out")
  func prefix() throws {
    var draft = draft([("▁a", -1), ("▁▁", -2)])
    #expect(try draft.tokenizer().encode("a") == [1])
    draft.addsSpacePrefix = true
    draft.pieces += ["<s>", "\n"]
    draft.kinds += [.control, .userDefined]
    draft.scores += [0, 0]
    let tokenizer = try draft.tokenizer()
    #expect(tokenizer.encode("") == [])
    #expect(tokenizer.encode("a a") == [5, 5])
    #expect(tokenizer.encode(" a") == [4, 5])
    #expect(tokenizer.encode("▁a") == tokenizer.encode(" a"))
    // A mark begins a text anew; a line end does not, and everyone may write it.
    #expect(tokenizer.encode([PromptSegment("a<s>a", from: .template)]) == [5, 7, 5])
    #expect(tokenizer.encode("a\na") == [5, 8, 1])
    var first = Detokenizer(tokenizer)
    #expect([5, 5].map { first.append($0) } == ["a", " a"])
    var afterMark = Detokenizer(tokenizer, after: 7)
    #expect(afterMark.append(5) == "a")
    var within = Detokenizer(tokenizer, after: 5)
    #expect(within.append(5) == " a")
  }

  @Test("Twice the text takes about twice the time in steps, even where nothing breaks it")
  func workIsLinear() throws {
    let pieces: [(String, Float)] = [
      ("aa", -1), ("aaaa", -2), ("aaaaaaaa", -3), ("ab", -4), ("a▁", -5), ("▁▁", -6),
    ]
    let vocabulary = draft(pieces)
    let encoding = SentencePieceEncoding(
      try Vocabulary(
        pieces: vocabulary.pieces, kinds: vocabulary.kinds, scores: vocabulary.scores,
        addsSpacePrefix: false, marks: SequenceMarks()))
    for unit in ["a", "ab", " ", "a ", "é"] {
      func steps(_ count: Int) -> Int {
        var workspace = SubwordWorkspace()
        var tokens: [Token] = []
        let word = Array(String(repeating: unit, count: count).utf8)
        encoding.encode(word[...], into: &tokens, using: &workspace)
        return workspace.steps
      }
      #expect(Double(steps(8000)) < 2.1 * Double(steps(4000)) + 1, "\(unit)")
    }
  }

  private func fault(_ change: (inout SentencePieceDraft) -> Void) -> String? {
    var draft = draft([("ab", -1)])
    change(&draft)
    do {
      _ = try draft.tokenizer()
      return nil
    } catch {
      return "\(error.kind.rawValue) \(error.field)"
    }
  }

  @Test("What is not consistent is refused")
  func faults() {
    #expect(fault { _ in } == nil)
    #expect(fault { $0.scores = [] } == "missing scores")
    #expect(fault { $0.scores.removeLast() } == "invalid scores")
    #expect(fault { $0.scores.append(0) } == "invalid scores")
    for score in [Float.nan, .infinity, -.infinity] {
      #expect(fault { $0.scores[2] = score } == "invalid scores")
    }
    #expect(fault { $0.kinds[0] = .control } == "missing pieces")
    #expect(fault { $0.kinds[5] = .byte } == "invalid pieces")
    #expect(fault { $0.pieces[5] = "a" } == "duplicate pieces")
    #expect(fault { $0.pieces[5] = String(repeating: "a", count: 600) } == "limit pieces")
    #expect(fault { $0.marks.closing = 6 } == "invalid endOfSequence")
    #expect(fault { $0.pieces[5] = "a b" } == nil)
  }
}
