import JSON
import Testing
import Tokenizers

@Suite("tokenizer.json")
struct TokenizerDocumentTests {
  /// A small document of bytes; `\u0120` is a space.
  private func document(_ change: (inout JSONObject) throws -> Void = { _ in }) throws -> JSONValue
  {
    var root = try JSONValue(
      #"""
      {"normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
       "post_processor": null, "decoder": {"type": "ByteLevel"},
       "added_tokens": [{"id": 6, "content": "<s>", "special": true, "normalized": false},
                        {"id": 7, "content": "<t>", "special": false, "normalized": false}],
       "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "\u0120": 2, "ab": 3, "\u0120a": 4, "c": 5},
                 "merges": ["a b", ["\u0120", "a"]]}}
      """#
    ).members
    try change(&root)
    return .object(root)
  }

  /// The document with a part of its model changed.
  private func model(_ name: String, _ json: String?) throws -> JSONValue {
    try document { root in
      root["model"] = .object(root.object("model").with(name, try json.map { try JSONValue($0) }))
    }
  }

  private func with(_ name: String, _ json: String) throws -> JSONValue {
    try document { $0[name] = try JSONValue(json) }
  }

  private func tokenizer(
    _ document: JSONValue, configuration: String? = nil, ends: [Int] = [], rows: Int = 8
  ) throws -> Tokenizer {
    try Tokenizer(
      Vocabulary(
        tokenizer: document, configuration: try configuration.map { try JSONValue($0).members },
        ends: ends, rows: rows))
  }

  private func fault(
    _ document: JSONValue, configuration: String? = nil, ends: [Int] = [], rows: Int = 8
  ) throws -> String? {
    do {
      _ = try tokenizer(document, configuration: configuration, ends: ends, rows: rows)
      return nil
    } catch let error as VocabularyError {
      return "\(error.kind.rawValue) \(error.field)"
    }
  }

  @Test("Both spellings of merges are read, and rows beyond the tokens are unused")
  func sound() throws {
    let tokenizer = try tokenizer(document(), rows: 12)
    #expect(tokenizer.count == 12)
    #expect(tokenizer.encode("ab a") == [3, 4])
    #expect(tokenizer.kind(of: 11) == .unused)
    #expect(tokenizer.bytes(of: 11) == [])
    #expect(tokenizer.encode([PromptSegment("<s>a<t>", from: .template)]) == [6, 0, 7])
  }

  @Test("Numbers of pieces must be sound")
  func numbers() throws {
    #expect(try fault(document(), rows: 5) == "invalid pieces")
    #expect(try fault(document(), rows: 0) == "limit rows")
    #expect(try fault(document(), rows: Vocabulary.maximumCount + 1) == "limit rows")
    #expect(try fault(document(), rows: Int.max) == "limit rows")
    #expect(try fault(document(), rows: Int.min) == "limit rows")
    #expect(try fault(document(), rows: 1 << 21) == "limit rows")
    for number in ["-1", "9223372036854775807", "1.5", "\"0\"", "null"] {
      #expect(try fault(model("vocab", #"{"a": \#(number)}"#)) == "invalid pieces", "\(number)")
    }
    #expect(try fault(model("vocab", #"{"a": 0, "b": 0}"#)) == "duplicate pieces")
    #expect(try fault(model("vocab", nil)) == "missing pieces")
    #expect(try fault(model("vocab", "[]")) == "missing pieces")
  }

  @Test(
    "Added tokens must be sound",
    arguments: [
      (#"[{"id": 6, "content": "a"}]"#, "invalid addedTokens"),
      (#"[{"id": 0, "content": "x"}]"#, "duplicate addedTokens"),
      (#"[{"id": 6, "content": "x"}, {"id": 6, "content": "x"}]"#, "duplicate addedTokens"),
      (#"[{"id": 6, "content": "x"}, {"id": 7, "content": "x"}]"#, "invalid addedTokens"),
      (#"[{"id": 6, "content": ""}]"#, "invalid addedTokens"),
      (#"[{"id": -1, "content": "x"}]"#, "invalid addedTokens"),
      (#"[{"content": "x"}]"#, "invalid addedTokens"), (#"[{"id": 6}]"#, "invalid addedTokens"),
      (#"["x"]"#, "invalid addedTokens"), (#"{}"#, "invalid model"),
      (#"[{"id": 6, "content": "x", "special": 1}]"#, "invalid addedTokens"),
    ])
  func addedTokens(_ json: String, _ expected: String) throws {
    #expect(try fault(with("added_tokens", json)) == expected)
  }

  @Test("A token without a row in the embedding is left out")
  func tokensWithoutRow() throws {
    let tokenizer = try tokenizer(document(), rows: 7)
    #expect(tokenizer.encode([PromptSegment("<s>", from: .template)]) == [6])
    #expect(!tokenizer.encode([PromptSegment("<t>", from: .template)]).contains(7))
  }

  @Test(
    "Merges must name pieces, and never make a mark of text",
    arguments: [
      (#"["a x"]"#, "invalid merges"), (#"["x a"]"#, "invalid merges"),
      (#"["b a"]"#, "invalid merges"), (#"["ab"]"#, "invalid merges"),
      (#"[["a"]]"#, "invalid merges"), (#"[["a", 1]]"#, "invalid merges"),
      (#"[" a"]"#, "invalid merges"), (#"["a "]"#, "invalid merges"),
      (#"[1]"#, "invalid merges"), (#"["a b", "a b"]"#, "duplicate merges"),
      (#"{}"#, "invalid model"),
    ])
  func merges(_ json: String, _ expected: String) throws {
    #expect(try fault(model("merges", json)) == expected)
  }

  @Test("A merge to a special token is left out, one to plain text is not")
  func mergesToSpecials() throws {
    func encode(_ special: Bool, _ content: String) throws -> [Token] {
      let document = try document { root in
        root["added_tokens"] = try JSONValue(
          #"[{"id": 3, "content": "ab", "special": \#(special), "normalized": false}]"#)
      }
      return try tokenizer(document).encode(content)
    }
    #expect(try encode(true, "ab") == [0, 1])
    #expect(try encode(false, "ab") == [0, 1])
    let space = try document { root in
      root["added_tokens"] = try JSONValue(
        #"[{"id": 4, "content": "\u0120a", "special": false}, {"id": 7, "content": "  "}]"#)
    }
    #expect(try tokenizer(space).encode("  a") == [7, 0])
  }

  @Test(
    "What is not supported is refused by its name",
    arguments: [
      ("normalizer", "Nmt"), ("normalizer", "ByteLevel"), ("pre_tokenizer", "UnicodeScripts"),
      ("pre_tokenizer", "CharDelimiterSplit"), ("post_processor", "Nonesuch"), ("decoder", "CTC"),
      ("decoder", "BPEDecoder"), ("model", "WordLevel"),
    ])
  func unsupported(_ part: String, _ type: String) throws {
    let single = #"{"type": "\#(type)"}"#
    let lists = ["normalizers", "pretokenizers", "processors", "decoders"]
      .map { #""\#($0)": [\#(single)]"# }.joined(separator: ", ")
    for json in part == "model" ? [single] : [single, #"{"type": "Sequence", \#(lists)}"#] {
      let error = try #require(throws: VocabularyError.self) { try tokenizer(with(part, json)) }
      #expect(error.kind == .unsupported)
      #expect(error.detail.contains(type))
    }
  }

  @Test("An unknown pattern is refused and quoted")
  func unknownPattern() throws {
    let json = #"""
      {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "[nonesuch]+"}, "behavior": "Isolated"},
        {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
      """#
    let error = try #require(throws: VocabularyError.self) {
      try tokenizer(with("pre_tokenizer", json))
    }
    #expect(error.kind == .unsupported && error.field == .preTokenizer)
    #expect(error.detail.contains("[nonesuch]+"))
  }

  @Test(
    "Every splitter is known by its regular expressions",
    arguments: TextSplitters.all.map { $0.names[0] })
  func patterns(_ name: String) throws {
    let splitter = try #require(TextSplitters.named(name))
    if splitter.patterns.isEmpty { return }
    // As some files have it: line ends as they are, not as escapes.
    let patterns = splitter.patterns.map { pattern in
      pattern.split(separator: #"\r\n"#, omittingEmptySubsequences: false).joined(separator: "\r\n")
    }
    for patterns in [splitter.patterns, patterns] {
      let found = try #require(TextSplitters.matching(patterns))
      // Names that differ only in what else they mean share their patterns.
      #expect(found.patterns == splitter.patterns)
    }
  }

  @Test("Deep and wide sequences are refused")
  func sequences() throws {
    let deep = (0..<40).reduce(#"{"type": "NFC"}"#) { inner, _ in
      #"{"type": "Sequence", "normalizers": [\#(inner)]}"#
    }
    let many = repeatElement(#"{"type": "NFC"}"#, count: 40).joined(separator: ",")
    let wide = #"{"type": "Sequence", "normalizers": [\#(many)]}"#
    #expect(try fault(with("normalizer", deep)) == "limit normalizer")
    #expect(try fault(with("normalizer", wide)) == "limit normalizer")
  }

  @Test("Roots and parts of other types are refused")
  func types() throws {
    for json in ["[]", "1", "null", #""x""#] {
      #expect(try fault(JSONValue(json)) == "invalid model")
      #expect(try fault(with("model", json)) == "invalid model", "\(json)")
    }
    #expect(try fault(JSONValue("{}")) == "missing model")
    for part in ["normalizer", "pre_tokenizer", "post_processor", "decoder"] {
      #expect(try fault(with(part, "[]")) != nil)
    }
    for name in ["unk_token", "byte_fallback", "ignore_merges", "fuse_unk", "merges"] {
      #expect(try fault(model(name, "1")) == "invalid model", "\(name)")
    }
    #expect(try fault(model("dropout", "0.1")) == "unsupported model")
    #expect(try fault(model("continuing_subword_prefix", "\"@@\"")) == "unsupported model")
  }

  @Test("The template gives the beginning and the closing token")
  func template() throws {
    func template(_ single: String) throws -> JSONValue {
      try with(
        "post_processor",
        #"""
        {"type": "TemplateProcessing", "single": [\#(single)],
         "special_tokens": {"<s>": {"id": "<s>", "ids": [6], "tokens": ["<s>"]}, "x": {"ids": [99]}}}
        """#)
    }
    let special = #"{"SpecialToken": {"id": "<s>", "type_id": 0}}"#
    let sequence = #"{"Sequence": {"id": "A", "type_id": 0}}"#
    let both = try tokenizer(template("\(special), \(sequence), \(special)"))
    let prompt = [PromptSegment("a", from: .content)]
    #expect(both.encode(prompt) == [6, 0])
    #expect(both.encode(prompt, addsClosing: true) == [6, 0, 6])
    #expect(try tokenizer(template(sequence)).encode(prompt, addsClosing: true) == [0])
    for single in ["\(special), \(special), \(sequence)", "\(sequence), \(sequence)", ""] {
      #expect(try fault(template(single)) == "unsupported postProcessor")
    }
    for name in ["x", "y"] {
      let json = #"{"SpecialToken": {"id": "\#(name)"}}, \#(sequence)"#
      #expect(try fault(template(json)) != nil)
    }
  }

  @Test("Spaces that a decoder leaves out at the end wait until the text goes on")
  func trailingSpaces() throws {
    let decoder = #"""
      {"type": "Sequence", "decoders": [
        {"type": "ByteLevel"}, {"type": "Strip", "content": " ", "start": 0, "stop": 1}]}
      """#
    let tokenizer = try tokenizer(try with("decoder", decoder))
    func texts(_ tokens: [Token]) -> [String] {
      var detokenizer = Detokenizer(tokenizer)
      return tokens.map { detokenizer.append($0) } + [detokenizer.finish()]
    }
    #expect(texts([0, 2, 1, 2]) == ["a", "", " b", "", ""])
    #expect(texts([0, 2, 2]) == ["a", "", " ", ""])
    #expect(
      try fault(with("decoder", decoder.replacing("\"stop\": 1", with: "\"stop\": -1"))) != nil)
  }

  @Test("The configuration names the marks, and the ends come from everywhere")
  func configuration() throws {
    let marked = try tokenizer(
      document(), configuration: #"{"bos_token": {"content": "<s>"}, "eos_token": "<t>"}"#,
      ends: [5])
    #expect(marked.beginningOfSequence == 6 && !marked.addsBeginningOfSequence)
    #expect(marked.endsOfSequence == [5, 7])
    // What has a role is no text.
    #expect(marked.kind(of: 7) == .control)
    let llama =
      #"{"bos_token": "<s>", "add_bos_token": true, "tokenizer_class": "LlamaTokenizerFast"}"#
    #expect(try tokenizer(document(), configuration: llama).addsBeginningOfSequence)
    for (json, expected) in [
      (#"{"bos_token": "<x>"}"#, "invalid beginningOfSequence"),
      (#"{"eos_token": "<x>"}"#, "invalid endOfSequence"), (#"{"eos_token": 1}"#, "invalid model"),
    ] {
      #expect(try fault(document(), configuration: json) == expected)
    }
    for end in [-1, 8, Int.max, Int.min] {
      #expect(try fault(document(), ends: [end]) == "invalid additionalEnd")
    }
  }
}
