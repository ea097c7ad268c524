import TerminalChat
import Testing

/// What is shown of Markdown, with names in braces for styles and a closing brace for their end.
private func shown(_ text: String, pieces: Int = .max) -> String {
  var styler = MarkdownStyler()
  var output = ""
  var rest = text.unicodeScalars[...]
  while !rest.isEmpty {
    var piece = ""
    piece.unicodeScalars.append(contentsOf: rest.prefix(pieces))
    output += styler.take(piece)
    rest = rest.dropFirst(pieces)
  }
  return merged(named(output + styler.finish()))
}

/// The text with neighbours of one style as one run: how many writes made it says nothing.
private func merged(_ text: String) -> String {
  var text = text
  while let match = text.firstMatch(of: #/\{(\w+) ([^{}]*)\}\{\1[ ]/#) {
    text.replaceSubrange(match.range, with: "{\(match.1) \(match.2)")
  }
  return text
}

private func named(_ text: String) -> String {
  let names = [
    ("\u{1B}[0m", "}"), ("\u{1B}[1m", "{b "), ("\u{1B}[2m", "{d "), ("\u{1B}[3m", "{i "),
    ("\u{1B}[1;3m", "{bi "), ("\u{1B}[1;4m", "{bu "), ("\u{1B}[36m", "{c "),
    ("\u{1B}[1;36m", "{bc "),
  ]
  return names.reduce(text) { $0.replacing($1.0, with: $1.1) }
}

@Suite("Markdown in a terminal")
struct MarkdownStylerTests {
  static let cases = [
    ("plain text", "plain text"),
    ("a **bold** word", "a {b bold} word"),
    ("an *italic* and _another_ one", "an {i italic} and {i another} one"),
    ("***both***", "{bi both}"),
    ("**bold with `code` inside**", "{b bold with }{bc code}{b  inside}"),
    ("**bold *and italic* text**", "{b bold }{bi and italic}{b  text}"),
    ("`a*b*c` ``x ` y`` `` ` ``", "{c a*b*c} {c x ` y} {c `}"),
    ("2 * 3 * 4 ** 5", "2 * 3 * 4 ** 5"),
    ("snake_case_name and __init__", "snake_case_name and {b init}"),
    ("**never closed", "**never closed"),
    ("**over\nlines**", "**over\nlines**"),
    ("`never closed", "`never closed"),
    ("a `` b", "a `` b"),
    (#"\*not\* \`code\` \(x\)"#, #"*not* `code` \(x\)"#),
    ("# Title\nText", "{bu Title}\nText"),
    ("### A **bold** `part`", "{b A bold }{bc part}"),
    ("#hashtag ####### seven", "#hashtag ####### seven"),
    ("####### seven", "####### seven"),
    ("- one\n* two\n+ three\n  - four\n1. five", "• one\n• two\n• three\n  • four\n1. five"),
    ("- **bold** item", "• {b bold} item"),
    ("*italic* line", "{i italic} line"),
    ("-5 and --- and -", "-5 and --- and -"),
    ("---\n***", "---\n***"),
    ("-\n*", "-\n*"),
    (
      "```swift\nlet a = **b**\n  # c\n```\nend",
      "{d ```swift}\n{c let a = **b**}\n{c   # c}\n{d ```}\nend"
    ),
    ("````\n```\n````", "{d ````}\n{c ```}\n{d ````}"),
    ("~~~\n```\n~~~ x\n~~~~\n*a*", "{d ~~~}\n{c ```}\n{c ~~~ x}\n{d ~~~~}\n{i a}"),
    ("```\nnever closed", "{d ```}\n{c never closed}"),
    ("```\n\n  \nx\n```", "{d ```}\n\n{c   }\n{c x}\n{d ```}"),
    ("\n\n", "\n\n"),
    ("ends with **", "ends with **"),
    ("`` ` ", "`` ` "),
    ("> quote *a*", "> quote {i a}"),
    ("家**太**字", "家{b 太}字"),
    ("", ""),
  ]

  @Test("Marks become styles, and what is no mark stays", arguments: cases)
  func styles(_ text: String, _ expected: String) {
    #expect(shown(text) == expected)
  }

  @Test("The result is the same however the text comes in pieces", arguments: cases)
  func pieces(_ text: String, _ expected: String) {
    for length in 1...5 { #expect(shown(text, pieces: length) == expected) }
  }

  @Test("A mark that nothing closes holds back a bounded part of the text")
  func bounded() {
    var styler = MarkdownStyler()
    let text = "**" + String(repeating: "x", count: 1000)
    #expect(styler.take(text).count > 500)
  }

  @Test("Marks within marks are bounded in depth, and none is lost")
  func deep() {
    let opening = (0..<60).map { $0.isMultiple(of: 2) ? "*a " : "_a " }.joined()
    let text = opening + "x" + (0..<60).map { $0.isMultiple(of: 2) ? "_" : "*" }.joined()
    #expect(shown(text).contains("x"))
    #expect(shown(text) == shown(text, pieces: 1))
  }
}

@Suite("Answers in a terminal")
struct AnswerFormatterTests {
  private func shown(_ pieces: [AnswerPiece], isStyled: Bool) -> String {
    var formatter = AnswerFormatter(isStyled: isStyled)
    return named(pieces.map { formatter.take($0) }.joined() + formatter.finish())
  }

  @Test("What a terminal might obey is spelled out, with styles and without")
  func escapes() {
    let hostile = "a\u{1B}[31mb\u{07}\r\u{9B}2J\u{202E}\u{7F}`\u{1B}`"
    let harmless = #"a\u{1b}[31mb\u{7}\u{d}\u{9b}2J\u{202e}\u{7f}"#
    #expect(shown([.text(hostile)], isStyled: false) == harmless + #"`\u{1b}`"#)
    #expect(shown([.text(hostile)], isStyled: true) == harmless + #"{c \u{1b}}"#)
    #expect(shown([.thinking(hostile)], isStyled: true).hasPrefix("{d " + harmless))
  }

  @Test("Thinking is dim and stands apart from the answer")
  func thinking() {
    let pieces: [AnswerPiece] = [.thinking("Let me "), .thinking("see.\n"), .text("**42**")]
    #expect(shown(pieces, isStyled: true) == "{d Let me }{d see.}\n\n{b 42}")
    #expect(
      shown(pieces, isStyled: false) == "<think>\nLet me see.\n</think>\n\n**42**")
  }

  @Test("Line breaks within thinking stay")
  func breaks() {
    let pieces: [AnswerPiece] = [.thinking("a\n"), .thinking("\n"), .thinking("b")]
    #expect(shown(pieces, isStyled: true) == "{d a}{d \n\nb}\n\n")
  }
}
