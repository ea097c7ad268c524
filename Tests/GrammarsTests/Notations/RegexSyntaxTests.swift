import Grammars
import Testing

@Suite("Regular expressions")
struct RegexSyntaxTests {
  private func fault(_ pattern: String) -> GrammarError? {
    do throws(GrammarError) {
      _ = try RegexSyntax.parse(pattern, anchored: true)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "What cannot be enforced is refused where it stands",
    arguments: [
      ("a(?=b)", 1), ("a(?!b)", 1), ("é(?<=b)", 2), ("(?<!b)", 0), (#"(a)\1"#, 3),
      (#"(?<n>a)\k<n>"#, 7), ("(?>a)", 0), ("a++", 2), ("a{2}+", 4), ("(?i)a", 0), ("(?m:a)", 0),
      (#"\p{Klingon}"#, 0), (#"\ud800"#, 0), (#"(a\b){9,20}"#, 2), ("[[:alpha:]]", 1),
    ])
  func unsupported(pattern: String, byte: Int) {
    #expect(fault(pattern)?.kind == .unsupported, "\(pattern)")
    #expect(fault(pattern)?.place == .byte(byte), "\(pattern)")
  }

  @Test(
    "What is malformed is refused where it stands",
    arguments: [
      ("*a", 0), ("a|*", 2), ("(a", 0), ("a)", 1), ("[a", 0), ("[b-a]", 1), (#"a\"#, 1),
      (#"\q"#, 0), ("a{2,1}", 1), ("a{,3}", 1), ("a**", 2), ("^*", 0), (#"\x4"#, 0),
      (#"\u{110000}"#, 0), (#"\01"#, 0), ("(?<1>a)", 0), ("{2}", 0), ("(?y:a)", 0),
    ])
  func malformed(pattern: String, byte: Int) {
    #expect(fault(pattern)?.kind == .invalid, "\(pattern)")
    #expect(fault(pattern)?.place == .byte(byte), "\(pattern)")
  }

  @Test(
    "What is beyond a limit is refused",
    arguments: [
      String(repeating: "(", count: 10_000), "a{1000001}", "((a{1,40}){1,60}){1,60}",
      "(a{1000}){1000}", String(repeating: "a", count: 1 << 20),
      String(repeating: "^", count: 200), String(repeating: "(?:", count: 129) + "a",
      #"\b"# + String(repeating: "a?", count: 40) + #"\b"#,
    ])
  func tooComplex(pattern: String) {
    #expect(fault(pattern)?.kind == .tooComplex, "\(pattern.prefix(40))")
  }

  @Test(
    "What is large and within the limits is taken",
    arguments: [
      "a{1,1000000}", "((a{1,40}b){1,40}c){1,40}", String(repeating: "a?", count: 10_000), "",
      "a||b", "()", "(|a)*",
      String(repeating: "(", count: 128) + String(repeating: ")", count: 128),
      "((((a*)*)*)*)*",
    ])
  func large(pattern: String) {
    #expect(fault(pattern) == nil)
  }

  @Test(
    "Texts are in a language or not",
    arguments: [
      (#"\s"#, ["\u{A0}", "\u{FEFF}", " "], ["a", ""]),
      (#"\w+"#, ["aZ_9"], ["é", ""]),
      (#"."#, ["😀", "é"], ["\n", "\u{2028}", "\r", "ab"]),
      (#"[^a]"#, ["\n", "日"], ["a", ""]),
      (#"\p{Letter}\p{sc=Greek}\P{Lu}"#, ["éλa"], ["1λa", "éaa", "éλA"]),
      (#"\p{digit}+"#, ["5٣"], ["a"]),
      (#"(?i:straße)k"#, ["STRAßEk", "straẞek", "ſtraßek"], ["STRASSEk", "straßeK"]),
      (#"\u{1F600}|\ud83d\ude01"#, ["😀", "😁"], ["😂"]),
      (#"\A{a}\z"#, ["{a}"], ["a"]),
      (#"[]"#, [], ["", "a"]), (#"[^]"#, ["\n"], [""]),
      (#"[\w-.]"#, ["-", ".", "a"], [","]),
      (#"a^b"#, [], ["ab", "a^b"]),
    ] as [(String, [String], [String])])
  func texts(pattern: String, inside: [String], outside: [String]) throws {
    let language = Language(try RegexSyntax.parse(pattern, anchored: true))
    for text in inside { #expect(language.contains(text), "\(pattern) \(text)") }
    for text in outside { #expect(!language.contains(text), "\(pattern) \(text)") }
  }

  @Test("No class takes bytes that are not UTF-8")
  func onlyUTF8() throws {
    let bytes: [[UInt8]] = [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE0, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0x80],
    ]
    for pattern in [".", "[^a]", #"\D"#, #"\P{Lu}"#, #"[^\w]"#] {
      let language = Language(try RegexSyntax.parse(pattern, anchored: true))
      for text in bytes { #expect(!language.contains(text), "\(pattern) \(text)") }
    }
  }

  @Test("A choice is one of its texts")
  func choice() throws {
    let language = Language(try Choice.language(of: ["a", "ab", "b", "a"]))
    for text in ["a", "ab", "b"] { #expect(language.contains(text)) }
    for text in ["", "abb", "c"] { #expect(!language.contains(text)) }
    #expect(throws: GrammarError.self) { try Choice.language(of: []) }
  }
}
