import Grammars
import JSON
import Testing

@Suite("Masks of strings over a vocabulary like a model's")
struct StringMaskTests {
  private static let pieces: [[UInt8]] =
    ["a", "e", "er", " the", "1", "42", "\"", "\\", "\\n", "\\u00e9", ",", ":", "{", "}", "[", "]"]
    .map { Array($0.utf8) }
    + ["é", "日", "本", "😀", "<", "call>", "\n", "\u{1}", "-", "x y"].map { Array($0.utf8) }
    + [[0xC3], [0xA9], [0xE6, 0x97], [0xF0, 0x9F], [0x80], [0xFF], [0xED, 0xA0]]

  /// All pairs and many longer rows of pieces, so that subtrees of the trie are large.
  private static let texts: [[UInt8]?] = {
    var generator = SeededGenerator(7)
    var texts: [[UInt8]?] = [nil] + pieces
    for first in pieces { for second in pieces { texts.append(first + second) } }
    for _ in 0..<3000 {
      let count = Int.random(in: 3...5, using: &generator)
      texts.append(
        (0..<count).flatMap { _ in pieces.randomElement(using: &generator) ?? [] })
    }
    return texts
  }()

  private static let schemas = [
    #"{"type": "string"}"#,
    #"{"type": "string", "minLength": 2, "maxLength": 9}"#,
    #"{"type": "string", "minLength": 3}"#,
    #"{"type": "string", "pattern": "e+1?$", "maxLength": 12}"#,
    #"{"type": "string", "pattern": "^(a|é| )*$"}"#,
    #"{"type": "array", "items": {"type": ["string", "integer", "null"]}, "maxItems": 4}"#,
    #"{"type": "object", "properties": {"a": {"type": "string"}, "er": {"enum": ["e", "er"]}}}"#,
    #"{"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 3}"#,
    #"{"type": "array", "uniqueItems": true, "items": {"enum": ["a", "e", "er", "é"]}}"#,
    #"{"type": "object"}"#,
    #"{"type": "string", "format": "hostname"}"#,
    #"{"type": "string", "pattern": "^(?:[a-z0-9]{1,5}-)*[a-z0-9]{1,3}$"}"#,
    #"{"type": "string", "pattern": "^[a-z][a-z0-9]{2,9}$"}"#,
  ]

  @Test("A mask has exactly the tokens that can be taken", arguments: StringMaskTests.schemas)
  func schemaMasks(schema: String) throws {
    try check(try grammar(schema))
  }

  @Test("What one lexeme found out holds in the next", arguments: [false, true])
  func sharing(isWarm: Bool) throws {
    let trie = TokenTrie(texts: Self.texts)
    if isWarm { try trie.warm() }
    for name in ["a", "e 1", "er42", "é"] {
      try check(
        try grammar(
          """
          {"type": "object", "properties": {"\(name)": {}}, "additionalProperties": {"enum": ["a"]}}
          """), trie)
    }
    for pattern in ["^e", "^er", "1$"] {
      try check(try grammar(#"{"type": "string", "pattern": "\#(pattern)"}"#), trie)
    }
  }

  private func grammar(_ schema: String) throws -> Grammar {
    var builder = GrammarBuilder()
    let result = try JSONSchema.compile(
      try JSONValue(parsing: Array(schema.utf8)), into: &builder, options: SchemaOptions())
    let root = builder.rule(named: "root")
    builder.define(root, as: result.expression)
    return builder.finished(start: root)
  }

  @Test(
    "Letters that a pattern counts have masks of exactly the tokens that can be taken",
    arguments: [
      #"{"type": "string", "pattern": "^(?:[a-z]{1,5}-)*[a-z]{1,3}$"}"#,
      #"{"type": "string", "pattern": "^(?:[a-z]{1,5}-)*[a-z]{1,3}$", "maxLength": 60}"#,
      #"{"type": "string", "pattern": "^[a-z]{4,7}-", "minLength": 5}"#,
    ])
  func countedLetters(schema: String) throws {
    var texts: [[UInt8]?] = ["\"", "-", "a-", "a\"", "-a", "1"].map { Array($0.utf8) }
    for length in 1...8 {
      for bits in 0..<(1 << length) {
        texts.append((0..<length).map { UInt8(ascii: "a") + UInt8(bits >> $0 & 1) })
      }
    }
    try check(try grammar(schema), texts: texts)
  }

  @Test("Text without a mark, then the mark, has masks of exactly the tokens that can be taken")
  func freeText() throws {
    var builder = GrammarBuilder()
    let mark = Regex("<call>")
    let free = Regex.complement(.sequence([.everything, mark, .everything]))
    let root = builder.rule(named: "root")
    builder.define(
      root,
      as: .sequence([
        builder.lexeme(free),
        .repetition(
          .sequence([builder.lexeme(mark), builder.lexeme(Regex("{}")), builder.lexeme(free)]),
          min: 0, max: nil),
      ]))
    try check(builder.finished(start: root))
  }

  private func check(
    _ grammar: Grammar, _ trie: TokenTrie? = nil, texts: [[UInt8]?] = texts
  ) throws {
    let compiled = try CompiledGrammar(grammar, trie: trie ?? TokenTrie(texts: texts))
    var generator = SeededGenerator(11)
    for _ in 0..<6 {
      var matcher = Matcher(compiled)
      var written: [UInt8] = []
      for _ in 0..<7 {
        let expected = texts.indices.filter { matcher.allows(Int32($0)) }
        let mask = allowed(matcher, texts.count)
        let differing = Set(mask).symmetricDifference(expected).map { texts[$0] ?? [] }
        try #require(differing.isEmpty, "after \(String(decoding: written, as: UTF8.self))")
        guard let token = mask.randomElement(using: &generator) else { break }
        _ = matcher.accept(Int32(token))
        written += texts[token] ?? []
      }
    }
  }
}
