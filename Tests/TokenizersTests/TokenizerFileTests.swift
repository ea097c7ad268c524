import JSON
import TestSupport
import Testing
import Tokenizers

@Suite("Files of vocabularies that are no tokenizer.json")
struct TokenizerFileTests {
  private func tiktoken(
    _ lines: String, configuration: String? = #"{"added_tokens_decoder": {}}"#, rows: Int = 300
  ) throws -> Vocabulary {
    try Vocabulary(
      tokenizerModel: Array(lines.utf8),
      configuration: configuration.map { try JSONValue($0).members }, ends: [], rows: rows)
  }

  /// The bytes as the first pieces, then others.
  private func lines(_ more: [String] = []) -> String {
    let bytes = (UInt8.min...UInt8.max).map { [$0] } + more.map { Array($0.utf8) }
    return bytes.enumerated().map { "\(base64($0.element)) \($0.offset)\n" }.joined()
  }

  private let marks = #"""
    {"added_tokens_decoder": {"260": {"content": "<|im_start|>", "special": true},
                              "261": {"content": "<|endoftext|>", "special": true}},
     "eos_token": "<|endoftext|>"}
    """#

  @Test("Ranked pieces are joined by rank, and words that are pieces are taken whole")
  func ranks() throws {
    let tokenizer = try Tokenizer(tiktoken(lines(["ab", "bc", "abcd"]), configuration: marks))
    #expect(tokenizer.encode("abc") == [256, 0x63])
    #expect(tokenizer.encode("abcd") == [258])
    #expect(tokenizer.encode("1ab") == [0x31, 256])
    #expect(tokenizer.endOfSequence == 261 && tokenizer.beginningOfSequence == nil)
    #expect(tokenizer.encode([PromptSegment("<|im_start|>a", from: .template)]) == [260, 0x61])
    // The vocabulary of these special tokens composes its text.
    #expect(tokenizer.encode("e\u{301}") == [0xC3, 0xA9])
  }

  @Test("Ranked pieces that are not sound are refused")
  func brokenRanks() throws {
    let cases = [
      (lines() + "YWI= 255\n", "duplicate pieces"), (lines() + "YWI= 9999\n", "invalid pieces"),
      (lines() + "YQ== 256\n", "duplicate pieces"), (lines() + "Y!I= 256\n", "invalid pieces"),
      (lines() + "YWI= -1\n", "invalid pieces"), (lines() + "YWI=\n", "invalid pieces"),
      (lines() + "YWI= 99999999999999999999\n", "invalid pieces"),
      (lines() + "= 256\n", "invalid pieces"),
    ]
    for (text, expected) in cases {
      #expect(try fault { try tiktoken(text, configuration: marks) } == expected, "\(expected)")
    }
    #expect(try fault { try tiktoken(lines(), configuration: nil) } == "unsupported preTokenizer")
    for (content, expected) in [
      (#""x": {"content": "<|im_start|>"}"#, "invalid addedTokens"),
      (#""-1": {"content": "<|im_start|>"}"#, "invalid addedTokens"),
      (#""5": {"content": "<|im_start|>"}"#, "duplicate pieces"),
      (#""99999999": {"content": "<|im_start|>"}"#, "limit addedTokens"),
      (#""290": {"content": ""}"#, "invalid addedTokens"), (#""290": 1"#, "invalid addedTokens"),
    ] {
      let configuration = #"{"added_tokens_decoder": {\#(content)}}"#
      #expect(
        try fault { try tiktoken(lines(), configuration: configuration) } == expected, "\(content)")
    }
  }

  private func tekken(_ change: (inout JSONObject) throws -> Void = { _ in }) throws -> Vocabulary {
    let pattern = try #require(TextSplitters.named("tekken")?.patterns.first)
    var root = JSONObject()
    root["config"] = try JSONValue(
      #"{"default_vocab_size": 280, "default_num_special_tokens": 20, "version": "v3"}"#)
    root["config"] = .object(root.object("config").with("pattern", .string(pattern)))
    root["vocab"] = .array(
      ((UInt8.min...UInt8.max).map { [$0] } + [[0x61, 0x62]]).enumerated().map { rank, bytes in
        var piece = JSONObject()
        piece["rank"] = .integer(rank)
        piece["token_bytes"] = .string(base64(bytes))
        return .object(piece)
      })
    try change(&root)
    return try Vocabulary(tekken: .object(root), ends: [2], rows: 300)
  }

  @Test("A tekken.json gives pieces after its special tokens")
  func tekkenFile() throws {
    let tokenizer = try Tokenizer(tekken())
    #expect(tokenizer.encode("ab") == [276])
    #expect(tokenizer.encode([PromptSegment("[INST]a", from: .template)]) == [1, 3, 0x61 + 20])
    #expect(tokenizer.addsBeginningOfSequence && tokenizer.endsOfSequence == [2])
    let named = try Tokenizer(
      tekken {
        $0["special_tokens"] = try JSONValue(
          #"[{"rank": 1, "token_str": "<s>"}, {"rank": 2, "token_str": "</s>"}]"#)
      })
    #expect(
      named.encode([PromptSegment("<SPECIAL_7>", from: .template)], addsBeginning: false) == [7])
  }

  @Test("A tekken.json that is not sound is refused")
  func brokenTekken() throws {
    let cases: [(String, String?, String)] = [
      ("vocab", #"[{"rank": -1, "token_bytes": "YQ=="}]"#, "invalid pieces"),
      ("vocab", #"[{"rank": 1, "token_bytes": "Y"}]"#, "invalid pieces"),
      ("vocab", #"[{"rank": 1, "token_bytes": ""}]"#, "invalid pieces"),
      ("vocab", #"[{"rank": 1}]"#, "invalid pieces"), ("vocab", "1", "invalid model"),
      (
        "vocab", #"[{"rank": 1, "token_bytes": "YQ=="}, {"rank": 1, "token_bytes": "Yg=="}]"#,
        "duplicate pieces"
      ),
      ("special_tokens", #"[{"rank": 20, "token_str": "x"}]"#, "invalid addedTokens"),
      ("config", #"{"pattern": "[nonesuch]"}"#, "unsupported preTokenizer"),
      ("config", "{}", "invalid model"), ("config", nil, "missing model"),
    ]
    for (name, json, expected) in cases {
      let found = try fault {
        try tekken { $0[name] = try json.map { try JSONValue($0) } }
      }
      #expect(found == expected, "\(name) \(json ?? "")")
    }
    for key in ["default_vocab_size", "default_num_special_tokens"] {
      for number in [-1, 20, 1 << 40] {
        let found = try fault {
          try tekken { root in
            root["config"] = .object(root.object("config").with(key, .integer(number)))
          }
        }
        if key == "default_num_special_tokens", number == 20 { continue }
        #expect(found == "invalid model", "\(key) \(number)")
      }
    }
  }

  @Test("No mutation of a model of SentencePiece ends the process")
  func mutatedModels() throws {
    let file = try GoldenFile.one("subword_models").object("file")
    let sound = try #require(Base64.decode((file["model"]?.text ?? "").utf8))
    var generator = SeededGenerator(seed: 9)
    var accepted = 0
    for round in 0..<60 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
          UInt8.random(in: .min ... .max, using: &generator)
      }
      if round % 3 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator)) }
      guard
        let tokenizer = try? Tokenizer(
          Vocabulary(tokenizerModel: bytes, configuration: nil, ends: [], rows: 300))
      else { continue }
      accepted += 1
      _ = tokenizer.encode("the quick \u{FB01} e\u{301} ABC")
    }
    #expect(accepted > 0)
  }

  @Test("A file that is neither is refused")
  func neither() throws {
    for bytes in [[], [0], [0x0A], [0x0A, 0xFF, 0x01], [0xFF], [0x0B], Array("{}".utf8)] {
      let found = try fault {
        try Vocabulary(
          tokenizerModel: bytes.map { UInt8($0) }, configuration: nil, ends: [], rows: 8)
      }
      #expect(found != nil, "\(bytes)")
    }
  }
}
