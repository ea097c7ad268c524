import JSON
import TestSupport
import Testing
import Tokenizers

@Suite("Hostile vocabularies and texts")
struct HostileVocabularyTests {
  /// A map of characters: the units of its trie, then its replacements.
  private func map(_ units: [UInt32], _ replacements: [UInt8]) -> [UInt8] {
    let size = UInt32(units.count * 4)
    return ([size] + units).flatMap { unit in
      (0..<4).map { UInt8(truncatingIfNeeded: unit >> ($0 * 8)) }
    } + replacements
  }

  private func unigram(map: [UInt8]?) throws -> Vocabulary {
    var form = Vocabulary.UnigramForm(scores: [0, 0, -1, -2, -1.5])
    form.characterMap = map
    return try Vocabulary(
      pieces: ["<unk>", "</s>", "\u{2581}a", "b", "ab"],
      kinds: [.unknown, .control, .normal, .normal, .normal], unigram: form, marks: .init())
  }

  /// The trie of the one string `A`: the root leads by 64 to unit 1, and that to its value.
  private let trie: [UInt32] = {
    var units = [UInt32](repeating: 0x8000_0000, count: 256)
    units[0] = 1 << 10
    units[0x41 ^ 1] = 0x41 | 1 << 8 | 2 << 10
    units[0x40 ^ 2] = 0
    return units
  }()

  @Test("A map of characters that is sound replaces what it names")
  func soundMap() throws {
    let tokenizer = try Tokenizer(unigram(map: map(trie, Array("b\0".utf8))))
    #expect(tokenizer.encode("aA") == [2, 3])
    #expect(tokenizer.encode("ab") == tokenizer.encode("aA"))
  }

  @Test("A map of characters that is not sound is refused")
  func brokenMaps() throws {
    for bytes in [[1], [1, 2, 3], [0, 0, 0, 0], [5, 0, 0, 0, 1], [255, 255, 255, 255, 0, 0]] {
      #expect(try fault { try unigram(map: bytes.map { UInt8($0) }) } == "invalid normalizer")
    }
    // A value beyond the replacements, one within a replacement, one that is not ended, no UTF-8.
    for (value, text) in [
      (9, Array("b\0".utf8)), (1, Array("bb\0".utf8)), (0, Array("b".utf8)), (0, [0xFF, 0]),
    ] {
      var units = trie
      units[0x40 ^ 2] = UInt32(value)
      #expect(try fault { try unigram(map: map(units, text)) } == "invalid normalizer", "\(value)")
    }
    // A value outside of the trie.
    var units = trie
    units[0x41 ^ 1] = 0x41 | 1 << 8 | 0x1F_FFFF << 10
    #expect(try fault { try unigram(map: map(units, [0x62, 0])) } == "invalid normalizer")
    // A unit that leads to itself.
    var circle = [UInt32](repeating: 0x8000_0000, count: 256)
    circle[0] = 0x41 << 10
    circle[0] |= 0
    circle[0x41 ^ 0x41] = 0x41 << 10 | 0x41
    #expect(try fault { try unigram(map: map(circle, [0])) } == "invalid normalizer")
  }

  @Test("No mutation of a map ends the process, and what is accepted encodes")
  func mutatedMaps() throws {
    var generator = SeededGenerator(seed: 8)
    let sound = map(trie, Array("b\0c\0".utf8))
    for _ in 0..<200 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
          UInt8.random(in: .min ... .max, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0...8, using: &generator))
      }
      guard let tokenizer = try? Tokenizer(unigram(map: bytes)) else { continue }
      _ = tokenizer.encode("aAbéA\u{301} A")
    }
  }

  @Test("Vocabularies of Unigram and WordPiece must be sound")
  func models() throws {
    func unigram(_ pieces: [String], _ scores: [Float]) throws -> Vocabulary {
      try Vocabulary(
        pieces: pieces, kinds: [.unknown] + pieces.dropFirst().map { _ in .normal },
        unigram: .init(scores: scores), marks: .init())
    }
    #expect(try fault { try unigram(["<unk>", "a"], [0]) } == "invalid scores")
    #expect(try fault { try unigram(["<unk>", "a"], [0, .nan]) } == "invalid scores")
    #expect(try fault { try unigram(["<unk>", "a", "a"], [0, 0, 0]) } == "duplicate pieces")
    let long = String(repeating: "a", count: 513)
    #expect(try fault { try unigram(["<unk>", long], [0, 0]) } == "limit pieces")
    #expect(
      try fault {
        try Vocabulary(
          pieces: ["a"], kinds: [.normal], unigram: .init(scores: [0]), marks: .init())
      } == "missing pieces")
    #expect(
      try fault {
        try Vocabulary(pieces: ["a"], kinds: [.normal], wordPiece: .init(), marks: .init())
      } == "missing pieces")
  }

  @Test("Work grows with the length of a text, however its pieces overlap")
  func work() throws {
    let runs = (1...64).map { String(repeating: "a", count: $0) }
    let pieces = ["<unk>"] + runs + ["##a", "é"]
    let kinds: [TokenKind] = [.unknown] + runs.map { _ in .normal } + [.normal, .normal]
    let scores = pieces.indices.map { -Float($0) }
    let unigram = try Vocabulary(
      pieces: pieces, kinds: kinds, unigram: .init(scores: scores), marks: .init())
    for unit in ["a", "é", "\u{301}", "漢"] {
      var workspace = SubwordWorkspace()
      var tokens: [Token] = []
      let word = Array(String(repeating: unit, count: 1 << 12).utf8)
      unigram.makeModel().encode(word[...], into: &tokens, using: &workspace)
      #expect(workspace.steps <= 66 * word.count, "\(unit)")
      #expect(!tokens.isEmpty)
    }
    let wordPiece = try Vocabulary(
      pieces: pieces, kinds: kinds, wordPiece: .init(), marks: .init())
    var workspace = SubwordWorkspace()
    var tokens: [Token] = []
    let word = Array(String(repeating: "a", count: 1 << 20).utf8)
    wordPiece.makeModel().encode(word[...], into: &tokens, using: &workspace)
    #expect(tokens == [0] && workspace.steps == 0)
  }

  @Test("A long run of one kind of character is normalized, whatever the step")
  func normalizing() throws {
    let map = map(trie, Array("b\0".utf8))
    for unit in ["a", " ", "\u{301}", "\u{1100}", "A", "漢", "e\u{301}", "\u{FB01}", "\u{2581}"] {
      let text = String(repeating: unit, count: (1 << 13) / unit.utf8.count)
      #expect(try Tokenizer(unigram(map: map)).encode(text).count <= text.utf8.count + 1)
      for form in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip"] {
        let document = try JSONValue(
          #"""
          {"normalizer": {"type": "\#(form)"}, "added_tokens": [],
           "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 1}, "unk_token": "[UNK]"}}
          """#)
        let tokenizer = try Tokenizer(
          Vocabulary(tokenizer: document, configuration: nil, ends: [], rows: 2))
        #expect(tokenizer.encode(text).count <= 1)
      }
    }
  }
}
