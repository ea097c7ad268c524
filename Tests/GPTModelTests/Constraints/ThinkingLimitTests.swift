import ChatTemplates
import Grammars
import TestSupport
import Testing
import Tokenizers

@testable import GPTModel

@Suite("Thinking is closed at its limit")
struct ThinkingLimitTests {
  private static let style: AnswerStyle = {
    var style = AnswerStyle()
    style.format.thinking = .init(open: "<t>\n", close: "\n</t>\n")
    return style
  }()

  /// A style whose thinking is a message of its own.
  private static let channels: AnswerStyle = {
    var style = AnswerStyle()
    style.format = .harmony
    return style
  }()

  /// A form of answers whose thinking is limited.
  private func constraint(
    _ thinking: AnswerForm.Thinking, tokens: Int, style: AnswerStyle = style
  ) async throws -> Constraint {
    let tokenizer = try Models.tiny().tokenizer
    var form = AnswerForm(thinking: thinking, text: .regex("yes|no"))
    form.thinkingTokens = tokens
    let compiler = ConstraintCompiler(tokenizer: tokenizer)
    let whole = try await compiler.constraint(
      .answer(form), ConstraintOptions(), format: style.format)
    let limit = try #require(ThinkingLimit(form, style, tokenizer))
    return whole.closingThinking(at: limit)
  }

  /// The tokens that a state allows.
  private func allowed(_ state: inout any ConstraintState) throws -> [Token] {
    let count = try Models.tiny().tokenizer.count
    var mask = TokenMask(count: count)
    state.mask(into: &mask)
    return (0..<count).map { Token($0) }.filter { mask[$0] }
  }

  @Test("At the limit nothing but the end follows, and then the answer", arguments: [0, 1, 5])
  func closes(limit: Int) async throws {
    let tokenizer = try Models.tiny().tokenizer
    let constraint = try await constraint(.open, tokens: limit)
    var state = constraint.makeState()
    let letter = try #require(tokenizer.encode("a").last)
    var written: [Token] = []
    for _ in 0..<limit {
      #expect(try allowed(&state).count > 1)
      state.accept(letter)
      written.append(letter)
    }
    let closing = tokenizer.encode(
      [PromptSegment("\n</t>\n", from: .template)], addsBeginning: false)
    for token in closing {
      #expect(try allowed(&state) == [token])
      state.accept(token)
      written.append(token)
      // A state that is brought up to date by the tokens alone goes the same way.
      var replayed = constraint.makeState()
      for token in written { replayed.accept(token) }
      #expect(try allowed(&replayed) == allowed(&state))
    }
    #expect(try allowed(&state).count > 1)
    for token in tokenizer.encode("yes") { state.accept(token) }
    #expect(state.mayEnd || state.isFinished)
  }

  @Test("Thinking that ends before its limit is left alone, and an answer without it, too")
  func leavesAlone() async throws {
    let tokenizer = try Models.tiny().tokenizer
    var state = try await constraint(.open, tokens: 40).makeState()
    for token in tokenizer.encode("a</t>yes") { state.accept(token) }
    #expect(state.mayEnd || state.isFinished)
    var direct = try await constraint(.possible, tokens: 0).makeState()
    for token in tokenizer.encode("yes") { direct.accept(token) }
    #expect(direct.mayEnd || direct.isFinished)
  }

  @Test("Thinking that the answer opens is closed")
  func closesOpened() async throws {
    let tokenizer = try Models.tiny().tokenizer
    var state = try await constraint(.possible, tokens: 2).makeState()
    for token in tokenizer.encode("<t>\na") { state.accept(token) }
    let closing = tokenizer.encode(
      [PromptSegment("\n</t>\n", from: .template)], addsBeginning: false)
    #expect(try allowed(&state) == [try #require(closing.first)])
  }

  @Test("A limit does not begin within a character")
  func waitsForCharacters() async throws {
    let tokenizer = try Models.tiny().tokenizer
    var state = try await constraint(.open, tokens: 1).makeState()
    let bytes = tokenizer.encode("é")
    try #require(bytes.count > 1)
    state.accept(bytes[0])
    #expect(!(try allowed(&state).isEmpty))
    for token in bytes.dropFirst() { state.accept(token) }
    #expect(try allowed(&state).count == 1)
  }

  @Test("A message of thinking is closed at the limit, and no other is opened")
  func closesMessages() async throws {
    let tokenizer = try Models.tiny().tokenizer
    let constraint = try await constraint(.possible, tokens: 30, style: Self.channels)
    var state = constraint.makeState()
    func write(_ text: String) { for token in tokenizer.encode(text) { state.accept(token) } }
    write("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>")
    #expect(try allowed(&state).contains { tokenizer.bytes(of: $0) == Array("a".utf8) })
    write("analysis<|message|>")
    let letter = try #require(tokenizer.encode("a").last)
    while try allowed(&state).count > 1 { state.accept(letter) }
    let closing = tokenizer.encode(
      [PromptSegment("<|end|><|start|>assistant", from: .template)], addsBeginning: false)
    for token in closing {
      #expect(try allowed(&state) == [token])
      state.accept(token)
    }
    write("<|channel|>")
    let next = Set(try allowed(&state).compactMap { tokenizer.bytes(of: $0).first })
    #expect(next == Set("cf".utf8))
    write("final<|message|>yes")
    #expect(state.mayEnd || state.isFinished)
  }

  @Test("Without room for any thinking none is opened in a message")
  func opensNoMessage() async throws {
    let tokenizer = try Models.tiny().tokenizer
    var state = try await constraint(.possible, tokens: 0, style: Self.channels).makeState()
    for token in tokenizer.encode("<|channel|>") { state.accept(token) }
    let next = Set(try allowed(&state).compactMap { tokenizer.bytes(of: $0).first })
    #expect(next == Set("cf".utf8))
  }
}
