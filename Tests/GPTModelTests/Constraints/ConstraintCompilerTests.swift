import TestSupport
import Testing

@testable import GPTModel

@Suite("Compiling forms of answers")
struct ConstraintCompilerTests {
  private func compiler(bytes: Int = 64 << 20) throws -> ConstraintCompiler {
    ConstraintCompiler(tokenizer: try Models.tiny().tokenizer, byteLimit: bytes)
  }

  @Test("Equal forms are compiled once, others apart")
  func once() async throws {
    let compiler = try compiler()
    let usual = ConstraintOptions()
    let first = try await compiler.constraint(.regex("a+"), usual)
    #expect(try await compiler.constraint(.regex("a+"), usual) === first)
    #expect(try await compiler.constraint(.choice(["a+"]), usual) !== first)
    var compact = usual
    compact.allowsWhiteSpace = false
    let spaced = try await compiler.constraint(.jsonObject, usual)
    #expect(try await compiler.constraint(.jsonObject, compact) !== spaced)
    let figures = compiler.log.snapshot
    #expect((figures.hits, figures.misses) == (1, 4))
    #expect(figures.bytes > 0 && figures.compileTime.count == 4)
  }

  @Test("Forms whose characters are equal, and whose bytes are not, are two")
  func spellings() async throws {
    let (short, long) = ("\u{e9}", "e\u{301}")
    let compiler = try compiler()
    let sources: [(String) -> ConstraintSource] = [
      { .regex($0) }, { .gbnf("root ::= \"\($0)\"") }, { .jsonSchema(.array([.string($0)])) },
    ]
    for source in sources { #expect(source(short).bytes != source(long).bytes) }
    let first = try await compiler.constraint(.choice([short]), ConstraintOptions())
    #expect(try await compiler.constraint(.choice([long]), ConstraintOptions()) !== first)
    let both = try await compiler.constraint(.choice([short, long]), ConstraintOptions())
    for text in [short, long] {
      var state = both.makeState()
      for token in try Models.tiny().tokenizer.encode(text) { state.accept(token) }
      #expect(state.isFinished)
    }
  }

  @Test("Those used longest ago go first, and the last one stays however large it is")
  func bounded() async throws {
    let compiler = try compiler(bytes: 1)
    let usual = ConstraintOptions()
    let first = try await compiler.constraint(.regex("a+"), usual)
    #expect(try await compiler.constraint(.regex("a+"), usual) === first)
    _ = try await compiler.constraint(.regex("b+"), usual)
    #expect(try await compiler.constraint(.regex("a+"), usual) !== first)
    #expect(compiler.log.snapshot.misses == 3)
  }

  @Test(
    "What cannot be enforced is refused with its kind and place",
    arguments: [
      (#"{"type": 5}"#, ConstraintError.Code.invalid, "/type"),
      (#"{"properties": {"a": {"pattern": "(?=b)"}}}"#, .unsupported, "/properties/a/pattern"),
      (#"{"enum": []}"#, .invalid, "/enum"), (##"{"$ref": "#"}"##, .unsatisfiable, "the schema"),
      (#"{"$ref": "https://a.example/b.json"}"#, .unsupported, "/$ref"),
      (#"false"#, .unsatisfiable, "the schema"),
    ])
  func faults(schema: String, code: ConstraintError.Code, place: String) async throws {
    let source = ConstraintSource.jsonSchema(try JSONValue(parsing: Array(schema.utf8)))
    let compiler = try compiler()
    let error = await #expect(throws: ConstraintError.self) {
      try await compiler.constraint(source, ConstraintOptions())
    }
    #expect(error?.code == code)
    #expect(compiler.log.snapshot.refusals == [code: 1])
    #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
  }

  @Test("So are other sources, and control tokens that end answers are not named by grammars")
  func sources() async throws {
    let compiler = try compiler()
    let long = String(repeating: "a", count: 1 << 21)
    for (source, code, place) in [
      (.regex("a(?=b)"), .unsupported, "byte 1"), (.regex("("), .invalid, "byte"),
      (.regex(long), .tooComplex, "the regular expression"), (.choice([]), .invalid, "choices"),
      (.choice([long]), .tooComplex, "the list of choices"),
      (.gbnf("root ::= a"), .invalid, "line 1"), (.gbnf(long), .tooComplex, "the grammar"),
      (.lark("start: a"), .invalid, "line 1"), (.gbnf("root ::= <|im_end|>"), .invalid, "line 1"),
      (.structuralTag(.null), .invalid, "the structural tag"),
    ] as [(ConstraintSource, ConstraintError.Code, String)] {
      let error = await #expect(throws: ConstraintError.self) {
        try await compiler.constraint(source, ConstraintOptions())
      }
      #expect(error?.code == code, "\(place)")
      #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
    }
  }
}
