import Grammars
import JSON
import Testing

@Suite("Instances are walked token by token")
struct SchemaWalkTests {
  /// A vocabulary of every byte, some bytes twice as SentencePiece has them, marks of JSON in clusters,
  /// and pieces of words of which some end within a character.
  private static let texts: [[UInt8]?] = {
    var texts: [[UInt8]?] = [nil, nil] + (UInt8.min...UInt8.max).map { [$0] }
    texts += (UInt8(0x20)...0x7E).map { [$0] }
    let marks = [
      "\":", "\": ", "\":\"", "\",\"", "\"}", "\"]", "\"},", "{\"", "[\"", "[{\"", "{}", "[]",
      "},{\"",
      "}]", "]}", "}}", "true", "false", "null", ":[", "\":{\"", "\\\"", "\\n", "\\u00", "1.",
      "0.5", "-1",
      "e+", "000", "12", "2024", "T0", "00Z", "\",", "],\"", "\":[", "\":-", "\":tr",
    ]
    texts += marks.map { Array($0.utf8) }
    var generator = SeededGenerator(11)
    let syllables = [
      "na", "me", "ty", "pe", "va", "lue", "id", "er", "in", "st", "é", "日本", "😀", "_", "-",
    ]
    for _ in 0..<1200 {
      var word: [UInt8] = Bool.random(using: &generator) ? [] : [0x20]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        word += Array((syllables.randomElement(using: &generator) ?? "").utf8)
      }
      let isCut = Int.random(in: 0..<8, using: &generator) == 0
      texts.append(isCut ? Array(word.dropLast()) : word)
    }
    return texts
  }()

  private static let tokens: [[UInt8]: Int32] = {
    var result: [[UInt8]: Int32] = [:]
    for (token, text) in texts.enumerated() {
      if let text, !text.isEmpty { result[text] = Int32(token) }
    }
    return result
  }()

  /// A text as tokens of lengths by chance, often the longest.
  private func cut(_ text: String, _ generator: inout SeededGenerator) -> [Int32] {
    var (rest, result) = (Array(text.utf8)[...], [Int32]())
    while !rest.isEmpty {
      let fits = (1...min(16, rest.count)).filter { Self.tokens[Array(rest.prefix($0))] != nil }
      let isLongest = Bool.random(using: &generator)
      let length = (isLongest ? fits.last : fits.randomElement(using: &generator)) ?? 1
      result.append(Self.tokens[Array(rest.prefix(length))] ?? 0)
      rest = rest.dropFirst(length)
    }
    return result
  }

  @Test("Valid ones to their end, invalid ones not, and masks are what can be taken")
  func walks() throws {
    let trie = TokenTrie(texts: Self.texts)
    var (generator, masks, count) = (SeededGenerator(3), 0, 0)
    for (index, one) in try SchemaCase.load("schemas_open.json").enumerated() where index % 4 == 1 {
      guard case .success(let grammar) = SchemaGoldenTests.compiled(one.schema) else { continue }
      let compiled = try CompiledGrammar(grammar, trie: trie)
      let writer = InstanceWriter(schema: one.schema)
      for (value, isValid) in one.valid.map({ ($0, true) }) + one.invalid.map({ ($0, false) }) {
        var (matcher, isTaken) = (Matcher(compiled), true)
        for token in cut(writer.text(value), &generator) where isTaken {
          let mask = allowed(matcher, Self.texts.count)
          masks += 1
          if masks % 29 == 0 {
            let expected = Self.texts.indices.filter { matcher.allows(Int32($0)) }
            try #require(mask == expected, "\(one.id)")
            try #require(matcher.mayEnd || !mask.isEmpty, "\(one.id)")
          }
          let isAllowed = matcher.allows(token)
          isTaken = matcher.accept(token)
          try #require(isTaken == isAllowed && isAllowed == mask.contains(Int(token)), "\(one.id)")
        }
        count += 1
        #expect((isTaken && matcher.mayEnd) == isValid, "\(one.id): \(writer.text(value))")
      }
    }
    #expect(count > 200)
  }
}
