import JSON

/// Literals as in Python.
struct PythonLiterals: LiteralDialect {
  var objects: (open: String, frame: LiteralFrame, close: String) {
    ("{", LiteralFrame(binding: ": ", separator: ", "), "}")
  }
  var separator: String { ", " }

  func name(_ name: Regex) -> Regex {
    .any(["\"", "'"].map { .joined([Regex($0), name, Regex($0)]) })
  }

  func strings(_ spelling: MarkSpelling, in builder: inout GrammarBuilder) -> Grammar.Expression {
    .alternatives(["\"", "'"].map { builder.lexeme(Self.string(quote: $0)) })
  }

  func constant(
    _ value: JSONValue, _ spelling: MarkSpelling, in builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    guard case .string(let text) = value, Self.isPlain(text) else {
      return builder.lexeme(Regex(CallFormat.python(value)))
    }
    return builder.lexeme(.any(["\"", "'"].map { Regex($0 + text + $0) }))
  }

  /// Whether a text stands between quotes as it is.
  private static func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !["\"", "'", "\\"].contains($0) }
  }

  private static func string(quote: String) -> Regex {
    let excluded = [quote, "\\"].map { Regex.joined([.everything, Regex($0), .everything]) }
    let controls = Regex.joined([.everything, .byte(ByteSet(0...0x1F)), .everything])
    // A plain run is free text without what ends it or must be escaped.
    let run = Regex.intersection([.anyText, .complement(.any(excluded + [controls]))])
    let escape = Regex.joined([
      Regex("\\"), .any(["\\", "\"", "'", "n", "r", "t"].map { Regex($0) }),
    ])
    return .joined([
      Regex(quote), run, .repetition(.joined([escape, run]), min: 0, max: nil), Regex(quote),
    ])
  }
}

/// Literals as Gemma 4 writes them: bare names, and strings between marks.
struct BraceLiterals: LiteralDialect {
  /// What stands around strings.
  let quote: String
  var objects: (open: String, frame: LiteralFrame, close: String) {
    ("{", LiteralFrame(binding: ":", separator: ","), "}")
  }
  var separator: String { "," }

  func name(_ name: Regex) -> Regex { name }

  func strings(_ spelling: MarkSpelling, in builder: inout GrammarBuilder) -> Grammar.Expression {
    let mark = spelling.expression(of: quote, in: &builder)
    return .sequence([mark, builder.lexeme(spelling.freeText(without: [quote])), mark])
  }

  func constant(
    _ value: JSONValue, _ spelling: MarkSpelling, in builder: inout GrammarBuilder
  ) -> Grammar.Expression {
    spelling.expression(of: CallFormat.braces(value, quote: quote), in: &builder)
  }
}
