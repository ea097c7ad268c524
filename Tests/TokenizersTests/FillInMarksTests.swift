import Testing
import Tokenizers

@Suite("Marks for filling gaps")
struct FillInMarksTests {
  private func tokenizer(_ marks: [String], kind: TokenKind = .control) throws -> Tokenizer {
    var draft = VocabularyDraft.bytes()
    for mark in marks { draft.add(mark, kind) }
    return try draft.tokenizer()
  }

  private func prompt(_ marks: [String], kind: TokenKind = .control) throws -> [String]? {
    let tokenizer = try tokenizer(marks, kind: kind)
    return FillInMarks(tokenizer)?.prompt(before: "a", behind: "b", from: .content).map(\.text)
  }

  @Test("The marks of published vocabularies are found, and their order")
  func known() throws {
    let usual = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
    let order = ["<|fim_prefix|>", "a", "<|fim_suffix|>", "b", "<|fim_middle|>"]
    #expect(try prompt(usual) == order)
    #expect(try prompt(usual, kind: .userDefined) == order)
    let holes = ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"]
    #expect(try prompt(holes) == [holes[0], "a", holes[1], "b", holes[2]])
    #expect(try prompt(["[PREFIX]", "[SUFFIX]"]) == ["[SUFFIX]", "b", "[PREFIX]", "a"])
  }

  @Test("Vocabularies without all of the marks have none")
  func unknown() throws {
    #expect(try prompt([]) == nil)
    #expect(try prompt(["<|fim_prefix|>", "<|fim_suffix|>"]) == nil)
  }

  @Test("Another document ends what fills a gap; what a client writes is no mark")
  func ends() throws {
    let tokenizer = try tokenizer([
      "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<|endoftext|>",
    ])
    let marks = try #require(FillInMarks(tokenizer))
    #expect(marks.ends == [260, 259])
    let tokens = tokenizer.encode(
      marks.prompt(before: "<fim_middle>", behind: "", from: .content))
    #expect(tokens.first == 256 && tokens.suffix(2) == [257, 258])
    #expect(tokens.filter { $0 == 258 }.count == 1)
  }

  @Test("Marks that files name are taken before known ones")
  func stated() throws {
    var draft = VocabularyDraft.bytes()
    for mark in ["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<P>", "<S>", "<M>", "<R>"] {
      draft.add(mark, .control)
    }
    draft.marks.gap = GapTokens(before: 259, behind: 260, middle: 261, ends: [262])
    let tokenizer = try draft.tokenizer()
    let marks = try #require(FillInMarks(tokenizer))
    let prompt = marks.prompt(before: "a", behind: "b", from: .content).map(\.text)
    #expect(prompt == ["<P>", "a", "<S>", "b", "<M>"])
    #expect(marks.ends == [262])
    // A number of plain text is no mark.
    draft.marks.gap = GapTokens(before: 1, behind: 260, middle: 261, ends: [])
    let plain = try #require(FillInMarks(try draft.tokenizer()))
    #expect(plain.prompt(before: "a", behind: "b", from: .content)[0].text == "<fim_prefix>")
  }
}
