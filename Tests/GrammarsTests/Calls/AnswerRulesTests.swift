import Grammars
import JSON
import Testing

@Suite("Answers with calls are held to their rules")
struct AnswerRulesTests {
  /// Outputs that models have written, and that rules do not let them write.
  static let refused: Set<String> = [
    // The name comes first, and spacing is the template's.
    "hermes/arguments-first", "hermes/odd-spacing",
    // The end of a call is the end of the answer.
    "harmony/two",
    // No literal of Python has a raw tab.
    "lfm2/nested",
  ]

  @Test("What models write is allowed", arguments: ToolCase.all)
  func allowsOutputs(_ example: ToolCase) throws {
    var matcher = Matcher(try compiled(rules(of: example)))
    let end = Array("<|call|>".utf8)
    var output = example.output
    if output.suffix(end.count) == end { output.removeLast(end.count) }
    let isTaken = matcher.accept(bytes: output)
    let isExpected = !Self.refused.contains(example.description)
    #expect(isTaken == isExpected, "\(refusal(of: output, matcher))")
    #expect(matcher.mayEnd == (isTaken && example.finishReason != "length") || !isTaken)
  }

  @Test("Calls of other tools are not", arguments: ToolCase.all.filter { !$0.calls.isEmpty })
  func refusesOtherTools(_ example: ToolCase) throws {
    var rules = rules(of: example)
    rules.tools = [AnswerRules.Tool(name: "another", parameters: nil)]
    rules.choice = .required
    var matcher = Matcher(try compiled(rules))
    let taken1 = matcher.accept(bytes: example.output)
    #expect(!taken1)
  }

  @Test("A required call comes first", arguments: CallFormat.families.map(\.name))
  func requiresCalls(_ name: String) throws {
    let format = try #require(CallFormat.families.first { $0.name == name })
    var rules = AnswerRules(format)
    rules.tools = [AnswerRules.Tool(name: "noop", parameters: nil)]
    rules.choice = .required
    let text = Array(
      format.text(of: [.init(id: "a1B2c3D4e", name: "noop", arguments: JSONObject())]).utf8)
    var matcher = Matcher(try compiled(rules))
    let taken2 = matcher.accept(bytes: Array("Well, ".utf8))
    #expect(!taken2)
    #expect(!matcher.mayEnd)
    let isTaken =
      matcher.accept(bytes: text) || matcher.accept(bytes: text.dropLast("<|call|>".utf8.count))
    #expect(isTaken)
    #expect(matcher.mayEnd)
  }

  @Test(
    "Whatever is written within the rules is calls that are read",
    arguments: CallFormat.families.map(\.name))
  func readsWhatIsWritten(_ name: String) throws {
    let format = try #require(CallFormat.families.first { $0.name == name })
    let tools = Self.allTools
    var rules = AnswerRules(format)
    rules.tools = tools
    rules.choice = .required
    let grammar = try compiled(rules)
    var generator = SeededGenerator(7)
    var ended = 0
    for _ in 0..<80 where ended < 4 {
      guard let output = walk(grammar, closing: marks(of: format), &generator) else { continue }
      ended += 1
      var parser = AnswerParser(
        format, tools: tools.map { ToolSignature(name: $0.name, parameters: $0.parameters) })
      var answer = JoinedAnswer()
      answer.join(parser.take(text: output))
      answer.join(parser.finish(isCut: false))
      let text = String(decoding: output, as: UTF8.self)
      #expect(answer.calls.count >= 1, "\(text)")
      for call in answer.calls {
        #expect(tools.contains { $0.name == call.name }, "\(text)")
        #expect(call.isComplete == true, "\(text)")
        let arguments = try? JSONValue(parsing: Array(call.arguments.utf8))
        guard case .object? = arguments else {
          Issue.record("\(text) gives \(call.arguments)")
          continue
        }
      }
    }
    #expect(ended == 4)
  }

  @Test("Strict tools are enforced or refused, others relaxed where they must be")
  func relaxes() throws {
    let schema = try JSONValue(
      parsing: Array(#"{"properties": {"a": {"type": "string", "pattern": "(?=x)"}}}"#.utf8))
    for format in [CallFormat.hermes, .qwenCoder, .pythonic] {
      var rules = AnswerRules(format)
      rules.tools = [AnswerRules.Tool(name: "f", parameters: schema)]
      var builder = GrammarBuilder()
      let relaxed = try rules.compile(into: &builder, controlToken: { _ in nil }).relaxed
      #expect(relaxed.map(\.pointer).allSatisfy { $0.hasPrefix("/properties/a") })
      #expect(relaxed.count == 1)
      rules.tools[0].isStrict = true
      #expect(throws: AnswerRulesError.self) {
        try rules.compile(into: &builder, controlToken: { _ in nil })
      }
    }
  }

  @Test("Without calls nothing that begins one is written")
  func hidesCalls() throws {
    var rules = AnswerRules(.hermes)
    rules.tools = [AnswerRules.Tool(name: "noop", parameters: nil)]
    rules.choice = .none
    rules.hidesCalls = true
    var matcher = Matcher(try compiled(rules))
    let taken3 = matcher.accept(bytes: Array("Use <tool".utf8))
    #expect(taken3)
    let taken4 = matcher.accept(bytes: Array("_call>".utf8))
    #expect(!taken4)
    #expect(matcher.mayEnd)
  }

  @Test("A method is called after its mark, where keyword arguments say what the schema says")
  func takesMethods() throws {
    let plain = #"{"properties": {"a": {"type": "integer"}}, "required": ["a"]}"#
    let bounded = #"{"properties": {"a": {"type": "integer", "minimum": 2}}, "required": ["a"]}"#
    for (schema, isAllowed) in [(plain, true), (bounded, false)] {
      var rules = AnswerRules(.llamaJSON)
      rules.tools = [
        AnswerRules.Tool(name: "f", parameters: try JSONValue(parsing: Array(schema.utf8)))
      ]
      let grammar = try compiled(rules)
      for (text, isCall) in [
        ("<|python_tag|>f.call(a=3)", isAllowed), ("<|python_tag|>f.call(a='3')", false),
        ("<|python_tag|>f.call()", false), ("<|python_tag|>g.call(a=3)", false),
        (#"<|python_tag|>{"name": "f", "parameters": {"a": 3}}"#, true),
      ] {
        var matcher = Matcher(grammar)
        let isTaken = matcher.accept(bytes: Array(text.utf8))
        #expect(isTaken == isCall, "\(text)")
        #expect(!isTaken || matcher.mayEnd)
      }
    }
  }

  @Test("The input of a tool is held to its grammar, in the escapes of JSON")
  func takesInputGrammars() throws {
    let grammar = """
      start: "say " WORD ("\\n" WORD)* %json {"type": "string", "maxLength": 2}
      WORD: /[a-z"]+/
      """
    var rules = AnswerRules(.hermes)
    rules.choice = .required
    rules.tools = [
      AnswerRules.Tool(name: "f", parameters: nil, isStrict: true, inputGrammar: grammar)
    ]
    let compiledRules = try compiled(rules)
    for (input, isValid) in [
      (#"say hi\"\""#, true), (#"say \"\nb\"ab\""#, true), (#"say hi\"abc\""#, false),
      (#"say 1"#, false), (#"say hi"#, false),
    ] {
      let text =
        "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"input\": \"\(input)\"}}\n</tool_call>"
      var matcher = Matcher(compiledRules)
      let isTaken = matcher.accept(bytes: Array(text.utf8))
      #expect((isTaken && matcher.mayEnd) == isValid, "\(input)")
    }
    for (format, grammar) in [
      (CallFormat.qwenCoder, grammar), (.hermes, "start: <tool>"), (.hermes, "a: b"),
    ] {
      rules.format = format
      rules.tools[0].inputGrammar = grammar
      #expect(throws: AnswerRulesError.self) { try compiled(rules) }
    }
  }

  @Test("A call without its marks is a call where it is not required")
  func takesBareCalls() throws {
    let schema = try JSONValue(
      parsing: Array(#"{"properties": {"a": {"type": "integer"}}, "required": ["a"]}"#.utf8))
    for (choice, isAllowed) in [(AnswerRules.Choice.auto, true), (.required, false)] {
      var rules = AnswerRules(.hermes)
      rules.tools = [AnswerRules.Tool(name: "f", parameters: schema)]
      rules.choice = choice
      let grammar = try compiled(rules)
      for (text, isValid) in [
        (#"{"name": "f", "arguments": {"a": 1}}"#, true),
        (#"{"name": "f", "arguments": {"a": "b"}}"#, false),
        (#"{"name": "f", "value": 1}"#, false), (#"{"name": "g", "value": 1}"#, choice == .auto),
      ] {
        var matcher = Matcher(grammar)
        let isTaken = matcher.accept(bytes: Array(text.utf8))
        #expect(isTaken == (isValid && isAllowed), "\(text)")
      }
    }
    var parser = AnswerParser(.hermes, tools: [ToolSignature(name: "f", parameters: schema)])
    var answer = JoinedAnswer()
    answer.join(parser.take(text: ("So:\n" + #"{"name": "f", "arguments": {"a": 1}}"#).utf8))
    answer.join(parser.finish(isCut: false))
    #expect(answer.content == "So:")
    #expect(answer.calls.map(\.arguments) == [#"{"a": 1}"#])
  }

  @Test("Thinking comes before calls and before a form, and is closed")
  func thinks() throws {
    for (thinking, text) in [
      (AnswerRules.Thinking.possible, "<think>\nHm.\n</think>\n\n"), (.open, "Hm.\n</think>\n\n"),
    ] {
      var rules = AnswerRules(.hermes)
      rules.thinking = thinking
      var builder = GrammarBuilder()
      let start = builder.rule(named: "answer")
      let answer = try rules.compile(
        into: &builder, controlToken: { _ in nil },
        form: { (builder) throws(GrammarErrors) in builder.lexeme(Regex("yes")) })
      builder.define(start, as: answer.expression)
      let grammar = try CompiledGrammar(builder.finished(start: start), trie: Self.trie)
      var matcher = Matcher(grammar)
      let taken5 = matcher.accept(bytes: Array(text.utf8))
      #expect(taken5)
      #expect(!matcher.mayEnd)
      let taken6 = matcher.accept(bytes: Array("no".utf8))
      #expect(!taken6)
      let taken7 = matcher.accept(bytes: Array("yes".utf8))
      #expect(taken7)
      #expect(matcher.mayEnd)
      var direct = Matcher(grammar)
      let taken8 = direct.accept(bytes: Array("yes".utf8))
      #expect(taken8)
      #expect(direct.mayEnd == (thinking == .possible))
    }
  }

  /// The tools of all cases.
  private static let allTools: [AnswerRules.Tool] = {
    var tools: [AnswerRules.Tool] = []
    for tool in ToolCase.all.flatMap(\.tools) {
      guard let function = tool["function"], let name = function["name"]?.text,
        !tools.contains(where: { $0.name == name })
      else { continue }
      tools.append(AnswerRules.Tool(name: name, parameters: function["parameters"]))
    }
    return tools
  }()

  private static let trie = TokenTrie(texts: (0...255).map { [UInt8($0)] })

  private func rules(of example: ToolCase) -> AnswerRules {
    var rules = AnswerRules(example.format)
    rules.tools = example.tools.compactMap { tool in
      guard let function = tool["function"], let name = function["name"]?.text else { return nil }
      return AnswerRules.Tool(name: name, parameters: function["parameters"], isStrict: true)
    }
    rules.thinking =
      example.isThinking ? .open : example.format.thinking == nil ? .absent : .possible
    return rules
  }

  private func compiled(_ rules: AnswerRules) throws -> CompiledGrammar {
    var builder = GrammarBuilder()
    let start = builder.rule(named: "answer")
    builder.define(
      start, as: try rules.compile(into: &builder, controlToken: { _ in nil }).expression)
    return try CompiledGrammar(builder.finished(start: start), trie: Self.trie)
  }

  /// The marks that close something in a format.
  private func marks(of format: CallFormat) -> [[UInt8]] {
    var marks = [format.callEnd, format.end]
    if case .tagged(let tags) = format.body { marks += [tags.valueEnd, tags.nameEnd] }
    if case .braces(let quote) = format.body { marks.append(quote) }
    return marks.map { Array($0.utf8) }
  }

  /// The byte by which a mark goes on, or begins, at the end of a text; nil where there is no mark.
  private static func next(
    of mark: [UInt8], after text: [UInt8]
  ) -> (byte: Int, length: Int)? {
    for count in stride(from: min(mark.count - 1, text.count), through: 0, by: -1)
    where text.suffix(count) == mark.prefix(count) {
      return (Int(mark[count]), count)
    }
    return nil
  }

  /// What of a text is taken.
  private func refusal(of output: [UInt8], _ start: Matcher) -> String {
    var matcher = start
    let count = output.prefix { matcher.accept(bytes: [$0]) }.count
    return String(decoding: output[..<count], as: UTF8.self) + "☐"
      + String(decoding: output[count...], as: UTF8.self)
  }

  /// A random text of a grammar; nil where it does not end soon.
  private func walk(
    _ grammar: CompiledGrammar, closing marks: [[UInt8]], _ generator: inout SeededGenerator
  ) -> [UInt8]? {
    var matcher = Matcher(grammar)
    var output: [UInt8] = []
    while output.count < 800 {
      if matcher.mustEnd || (matcher.mayEnd && Bool.random(using: &generator)) {
        return output
      }
      var words = [UInt64](repeating: 0, count: 4)
      words.withUnsafeMutableBufferPointer { matcher.allow(into: $0) }
      // Exponents make numbers that no program has.
      let isNumber = output.last.map { 0x30...0x39 ~= $0 } ?? false
      let allowed = (0..<256).filter {
        words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 && !(isNumber && [0x45, 0x65].contains($0))
      }
      // Marks that were begun are often ended, and quotes often come, so that texts end.
      let goingOn = marks.compactMap { Self.next(of: $0, after: output) }
        .filter { allowed.contains($0.byte) }
      let longest = goingOn.map(\.length).max()
      let next = goingOn.filter { $0.length == longest }.map(\.byte)
      let ends = allowed.filter { "<\"'])}>|".utf8.contains(UInt8($0)) }
      let likely = next.isEmpty ? ends : next
      let choices =
        likely.isEmpty || Int.random(in: 0..<4, using: &generator) == 0 ? allowed : likely
      guard !choices.isEmpty else {
        Issue.record("nothing may follow \(String(decoding: output, as: UTF8.self))")
        return nil
      }
      let byte = choices[Int.random(in: choices.indices, using: &generator)]
      guard matcher.accept(Int32(byte)) else {
        Issue.record("\(byte) is allowed and not taken")
        return nil
      }
      output.append(UInt8(byte))
    }
    return nil
  }
}
