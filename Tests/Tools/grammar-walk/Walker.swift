import Foundation
import Grammars
import JSON

/// Compiles the grammars of cases and takes their answers.
struct Walker {
  private let texts: [[UInt8]?]
  private let trie: TokenTrie
  private let oracle: Int?
  /// The tokens in the order of their bytes.
  private let order: [Int]
  private var words: [UInt64]
  private var masks = 0

  /// Begins.
  ///
  /// - Parameter oracle: Every so manieth mask is compared with trying each token; nil for none.
  init(texts: [[UInt8]?], trie: TokenTrie, oracle: Int?) {
    self.texts = texts
    self.trie = trie
    self.oracle = oracle
    order = texts.indices.sorted { left, right in
      (texts[left] ?? []).lexicographicallyPrecedes(texts[right] ?? [])
    }
    words = Array(repeating: 0, count: (texts.count + 63) / 64)
  }

  /// What became of a case.
  mutating func verdict(_ object: JSONObject) -> JSONObject {
    var result = JSONObject()
    result["id"] = object["id"]
    let start = now()
    do {
      let grammar = try CompiledGrammar(Self.grammar(object), trie: trie)
      result["compile"] = .number(now() - start)
      result["answers"] = .array(answers(object, grammar))
      result["bytes"] = .integer(grammar.byteCount)
    } catch {
      result["compile"] = .number(now() - start)
      result["refused"] = .string(Self.reason(error))
    }
    return result
  }

  private mutating func answers(_ object: JSONObject, _ grammar: CompiledGrammar) -> [JSONValue] {
    var result: [JSONValue] = []
    if case .array(let lists)? = object["tokens"] {
      for case .array(let list) in lists {
        result.append(.object(walk(list, grammar)))
      }
    }
    if case .array(let lists)? = object["texts"] {
      for case .string(let text) in lists {
        var matcher = Matcher(grammar)
        let isTaken = matcher.accept(bytes: Array(text.utf8))
        result.append(.bool(isTaken && matcher.mayEnd))
      }
    }
    if case .array(let samples)? = object["samples"] {
      for case .object(let sample) in samples { result.append(.object(draw(sample, grammar))) }
    }
    return result
  }

  private func draw(_ sample: JSONObject, _ grammar: CompiledGrammar) -> JSONObject {
    let number = { (name: String) -> Double in
      switch sample[name] {
      case .number(let value): value
      case .integer(let value): Double(value)
      default: 0
      }
    }
    let model = RandomModel(
      seed: UInt64(number("seed")), temperature: number("temperature"), haste: number("haste"))
    let (bytes, count, ends) = model.answer(
      Matcher(grammar), texts: texts, atMost: Int(number("limit")))
    var result = JSONObject()
    result["bytes"] = .string(
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
    result["count"] = .integer(count)
    result["ends"] = .bool(ends)
    return result
  }

  private mutating func walk(_ tokens: [JSONValue], _ grammar: CompiledGrammar) -> JSONObject {
    var (matcher, result) = (Matcher(grammar), JSONObject())
    var (times, visits) = ([JSONValue](), [JSONValue]())
    for (place, value) in tokens.enumerated() {
      guard case .integer(let number) = value, let token = Int32(exactly: number) else { continue }
      for index in words.indices { words[index] = 0 }
      let before = grammar.walkedNodes
      let begin = now()
      words.withUnsafeMutableBufferPointer { matcher.allow(into: $0) }
      times.append(.number(now() - begin))
      visits.append(.integer(grammar.walkedNodes - before))
      let isAllowed = words[number >> 6] & 1 << UInt64(number & 63) != 0
      if let fault = fault(matcher) { result["wrong"] = .string("mask \(place): \(fault)") }
      let isTaken = matcher.accept(token)
      if isTaken != isAllowed { result["wrong"] = .string("token \(place) was taken: \(isTaken)") }
      guard isTaken else {
        result["refused"] = .integer(place)
        break
      }
    }
    result["ends"] = .bool(matcher.mayEnd)
    result["times"] = .array(times)
    result["visits"] = .array(visits)
    return result
  }

  /// Where the mask differs from what the matcher takes, token by token.
  private mutating func fault(_ matcher: Matcher) -> String? {
    guard let oracle else { return nil }
    masks += 1
    guard masks % oracle == 0 else { return nil }
    var isAny = matcher.mayEnd
    // The tokens come in the order of their bytes: what they begin with is followed once.
    var path: [Matcher?] = [matcher]
    var previous: [UInt8] = []
    for token in order {
      let text = texts[token] ?? []
      var shared = 0
      while shared < min(previous.count, text.count), previous[shared] == text[shared] {
        shared += 1
      }
      path.removeSubrange((min(shared, path.count - 1) + 1)...)
      while path.count <= text.count, let last = path[path.count - 1] {
        var next = last
        path.append(next.accept(bytes: [text[path.count - 1]]) ? next : nil)
      }
      previous = text
      let isTaken =
        text.isEmpty
        ? matcher.allows(Int32(token)) : path.count > text.count && path[text.count] != nil
      let isAllowed = words[token >> 6] & 1 << UInt64(token & 63) != 0
      isAny = isAny || isAllowed
      if isTaken != isAllowed { return "token \(token) is \(isAllowed)" }
    }
    return isAny ? nil : "nothing is left"
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as GrammarErrors:
      error.faults.map { "\($0.kind) \($0.place) \($0.message)" }
        .joined(separator: "; ")
    case let error as GrammarError: "\(error.kind) \(error.place) \(error.message)"
    default: "\(error)"
    }
  }

  private static func grammar(_ object: JSONObject) throws -> Grammar {
    var builder = GrammarBuilder()
    let expression = try expression(object, &builder)
    let start = builder.rule(named: "answer")
    builder.define(start, as: expression)
    return builder.finished(start: start)
  }

  private static func expression(
    _ object: JSONObject, _ builder: inout GrammarBuilder
  ) throws -> Grammar.Expression {
    let options = SchemaOptions()
    let context = NotationContext(
      controlToken: { _ in nil },
      schema: { schema, builder throws(GrammarErrors) in
        try JSONSchema.compile(schema, into: &builder, options: options).expression
      })
    switch (object["kind"], object["source"]) {
    case (.string("schema"), let source?):
      return try JSONSchema.compile(source, into: &builder, options: options).expression
    case (.string("regex"), .string(let text)):
      return builder.lexeme(try RegexSyntax.parse(text, anchored: true))
    case (.string("search"), .string(let text)):
      return builder.lexeme(try RegexSyntax.parse(text, anchored: false))
    case (.string("gbnf"), .string(let text)):
      return try GBNF.compile(text, into: &builder) { _ in nil }
    case (.string("lark"), .string(let text)):
      return try Lark.compile(text, into: &builder, context: context)
    case (.string("tag"), let source?):
      return try StructuralTags.compile(source, into: &builder, context: context)
    default: throw GrammarError(.invalid, "is of no known kind")
    }
  }
}
