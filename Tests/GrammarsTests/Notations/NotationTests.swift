import Grammars
import JSON
import Testing

@Suite("Notations for grammars")
struct NotationTests {
  /// Control tokens of the tests.
  private static let controlToken: @Sendable (String) -> Int32? = {
    ["<think>": 7, "</think>": 8, "<[7]>": 7, "<[8]>": 8][$0]
  }

  private func gbnf(_ text: String) throws(GrammarErrors) -> Grammar {
    var builder = GrammarBuilder()
    let start = try GBNF.compile(text, into: &builder, controlToken: NotationTests.controlToken)
    return finished(builder, start)
  }

  private func lark(_ text: String) throws(GrammarErrors) -> Grammar {
    var builder = GrammarBuilder()
    let context = NotationContext(
      controlToken: NotationTests.controlToken,
      schema: { schema, builder throws(GrammarErrors) in
        guard schema == .object(JSONObject()) else {
          throw GrammarErrors([GrammarError(.unsupported, at: .pointer("/not"), "is a test")])
        }
        return builder.lexeme(Regex("{}"))
      })
    let start = try Lark.compile(text, into: &builder, context: context)
    return finished(builder, start)
  }

  private func finished(_ builder: GrammarBuilder, _ start: Grammar.Expression) -> Grammar {
    var builder = builder
    let rule = builder.rule(named: "start")
    builder.define(rule, as: start)
    return builder.finished(start: rule)
  }

  private func check(_ grammar: Grammar, _ inside: [String], _ outside: [String]) {
    for text in inside {
      #expect(PlainMatcher.verdict(grammar, text.utf8) == .complete, "\(text)")
    }
    for text in outside {
      #expect(PlainMatcher.verdict(grammar, text.utf8) != .complete, "\(text)")
    }
  }

  @Test(
    "GBNF means what llama.cpp takes it for",
    arguments: [
      (#"root ::= "a" | "b" ("c" | [x-z\-])*"#, ["a", "b", "bcxz-"], ["", "ac", "bw"]),
      (
        "# comment\nroot ::= expr \"\\n\" # more\nexpr ::= expr [-+] term | term\n"
          + "term ::= [0-9]{1,3} | \"(\" expr\n  \")\"",
        ["1\n", "1+(2-33)\n"], ["1", "1234\n", "(1\n"]
      ),
      (#"root ::= ("ab"){2,} "é"? [^a-z\x20] ."#, ["ababA\n", "abababéÉx"], ["abA1", "ababaa"]),
      ("root ::= x\nx ::= \"\" | \"(\" x \")\"\nspare ::= \"s\"", ["", "(())"], ["(", "s"]),
      (
        "root ::= a_1 | b\na_1 ::= \"x\" \"y\"?\nb ::= b \"z\" | \"z\"", ["x", "zzz"], ["y", "xz"]
      ),
    ] as [(String, [String], [String])])
  func takes(source: String, inside: [String], outside: [String]) throws {
    check(try gbnf(source), inside, outside)
  }

  @Test("GBNF names control tokens, and all text without one")
  func tokens() throws {
    let grammar = try gbnf("root ::= <think> !</think>* <[8]> \"a\"")
    var matcher = PlainMatcher(grammar)
    let text = matcher.accept(UInt8(ascii: "a"))
    let first = matcher.accept(token: 7)
    let inner = matcher.verdict("a b".utf8)
    let last = matcher.accept(token: 8)
    let end = matcher.verdict("a".utf8)
    #expect(!text && first && last)
    #expect(inner == .prefix && end == .complete)
  }

  @Test(
    "Faults of GBNF have a line",
    arguments: [
      ("root ::= a\n\na ::= b", 3), ("root ::= a\na ::= \"x\" a", 1), ("x ::= \"a\"", 1),
      ("root ::= \"a", 1), ("root ::= \"b\"\nroot ::= \"c\"", 2), ("root ::=\n\"\\q\"", 2),
      ("root ::= (\"a\"\n", 1), ("root ::= [z-a]", 1), ("root ::= \"a\"{3,2}", 1),
      ("root ::= <none>", 1), ("root ::= !<think>", 1), ("root ::= \"a\"{1000001}", 1),
      ("root ::= \n" + String(repeating: "(", count: 10_000), 2),
      ("root ::= \"a\" ) \"b\"", 1), ("::= \"a\"", 1), ("root ::= (=\"a\")", 1),
    ])
  func faults(source: String, line: Int) {
    do throws(GrammarErrors) {
      _ = try gbnf(source)
      Issue.record("\(source.prefix(40)) was taken")
    } catch {
      #expect(error.faults.first?.place == .line(line), "\(source.prefix(40)): \(error)")
    }
  }

  @Test("A large source is within the limits or refused")
  func hostile() throws {
    let doubling = (0..<40).map { "r\($0) ::= r\($0 + 1) r\($0 + 1)\n" }.joined()
    _ = try gbnf("root ::= r0\n" + doubling + "r40 ::= \"a\"")
    let chain = (0..<15_000).map { "r\($0) ::= \"a\" r\($0 + 1)\n" }.joined()
    _ = try gbnf("root ::= r0\n" + chain + "r15000 ::= \"b\"")
    #expect(throws: GrammarErrors.self) {
      try gbnf("root ::= " + String(repeating: "\"a\" | ", count: 150_000))
    }
    #expect(throws: GrammarErrors.self) {
      try gbnf("root ::= \"" + String(repeating: "a", count: 1 << 20) + "\"")
    }
  }

  @Test(
    "Lark means what llguidance takes it for",
    arguments: [
      (
        "start: expr\n?expr: term (\"+\" term)*\nterm: NUM | \"(\" expr \")\"\n"
          + "NUM: /[0-9]+/ // digits\n%ignore /[ ]+/",
        ["1+2", "1 + ( 2 ) "], [" 1", "1 +"]
      ),
      (
        "start: \"a\"i | \"x\"..\"z\" ~ 2\n  | \"q\"{1,2} # end\n", ["A", "xz", "qq"], ["x", "qqq"]
      ),
      (
        "%import common.INT\n%import common (WORD)\nstart: INT [WORD] -> number\n",
        ["12", "3ab"], ["ab", "3a1"]
      ),
      ("start: A\nA: /a.*/ & ~/.*b/\n", ["a", "abc"], ["ab", "b"]),
      ("start: t \"!\"\nt[suffix=\";\"]: /.*/\n", ["a;!", ";!"], ["a;b;!", "a!"]),
      ("start: %json {} \"x\"\n", ["{}x"], ["{}", "x"]),
      ("start: /A\\/b/i? /c d/x\n", ["a/Bcd", "cd"], ["c d"]),
    ] as [(String, [String], [String])])
  func takesLark(source: String, inside: [String], outside: [String]) throws {
    check(try lark(source), inside, outside)
  }

  @Test(
    "Faults of Lark have a line",
    arguments: [
      ("start: a\n", 1), ("start: \"a\"\nb: \"c\"\n", 2), ("start.2: \"a\"\n", 1),
      ("start: A\nA: \"x\" A\n", 1), ("start: A\nA: \"x\" A | \"y\"\n", 2),
      ("start: A\nA: b\nb: \"c\" b | \"d\"\n", 2),
      ("start: x{\"a\"}\n", 1), ("start: /a(?=b)/\n", 1), ("start: /^a/\n", 1),
      ("start: (\"a\"\n", 1),
      ("%import other.X\nstart: \"a\"\n", 1), ("start: \"a\" ~ 3..1\n", 1),
      ("start: start \"a\"\n", 1),
      ("start: " + String(repeating: "(", count: 10_000), 1), ("start[stop=\"x\"]: /a/\n", 1),
      ("start: %json {\"a\"\n", 1), ("start: \"a\"\n%declare B\n", 2),
    ])
  func larkFaults(source: String, line: Int) {
    do throws(GrammarErrors) {
      _ = try lark(source)
      Issue.record("\(source.prefix(40)) was taken")
    } catch {
      #expect(error.faults.first?.place == .line(line), "\(source.prefix(40)): \(error)")
    }
  }

  @Test("Faults of a schema in Lark keep their pointers")
  func schemaFault() {
    do throws(GrammarErrors) {
      _ = try lark("start: %json {\"not\": {}}\n")
      Issue.record("was taken")
    } catch {
      #expect(error.faults.first?.place == .pointer("/not"))
    }
  }
}
