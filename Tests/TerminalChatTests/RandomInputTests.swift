import Platform
import TerminalChat
import TestSupport
import Testing

@Suite("Random input")
struct RandomInputTests {
  /// What terminals send, in pieces that random order makes nonsense of.
  private static let pieces: [[UInt8]] =
    [
      "a", "é", "家", "e\u{301}", "👨‍👩‍👧", "\u{301}", "\u{200D}", "🇩", " ", "\n", "\r", "\\\r", "\t",
      "\u{1B}",
      "\u{1B}[", "\u{1B}[A", "\u{1B}[B", "\u{1B}[C", "\u{1B}[D", "\u{1B}[1;5C", "\u{1B}[3~",
      "\u{1B}[200~",
      "\u{1B}[201~", "\u{1B}b", "\u{1B}f", "\u{1B}d", "\u{1B}O", "\u{7F}", "\u{01}", "\u{05}",
      "\u{0B}",
      "\u{15}", "\u{17}", "\u{19}", "\u{14}", "\u{12}", "\u{07}", "\u{10}", "\u{0E}", "\u{03}",
      "\u{04}",
      "[99999999999999999999;5~",
    ].map { Array($0.utf8) } + [[0xC3], [0x80], [0xFF], [0xE2, 0x82], [0xF0, 0x9F]]

  @Test(
    "Whatever is typed, the cursor is in the text and the rows fit the screen", arguments: 0..<20)
  func typing(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var typing = Typing(history: ["one", "two\nlines", "家 three"])
    for _ in 0..<400 {
      guard let piece = Self.pieces.randomElement(using: &generator) else { return }
      typing.type(bytes: piece)
      let editor = typing.editor
      #expect((0...editor.characters.count).contains(editor.cursor))
      #expect(editor.characters == Array(editor.text))
      let width = Int.random(in: 2...30, using: &generator)
      let layout = EditorLayout(prompt: "> ", continuation: "  ", editor: editor, width: width)
      #expect(layout.rows.allSatisfy { $0.columns <= width && $0 == $0.harmlessLines })
      #expect(layout.rows.indices.contains(layout.cursorRow) && layout.cursorColumn < width)
      for height in 1...4 {
        let shown = layout.rows(fitting: height)
        #expect(shown.count == min(height, layout.rows.count) && shown.contains(layout.cursorRow))
      }
    }
  }

  @Test("Whatever is written, no text is lost, and pieces make no difference", arguments: 0..<200)
  func markdown(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet: [Unicode.Scalar] = [
      "*", "*", "_", "`", "`", "#", "\n", " ", "-", "\\", "~", "a", "b", "家",
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0...120, using: &generator) {
      guard let scalar = alphabet.randomElement(using: &generator) else { return }
      text.unicodeScalars.append(scalar)
    }
    var whole = MarkdownStyler()
    let shown = whole.take(text) + whole.finish()
    var single = MarkdownStyler()
    let pieces = text.unicodeScalars.map { single.take(String($0)) }.joined() + single.finish()
    #expect(Self.plain(pieces) == Self.plain(shown))
    // Marks may be gone or be bullets; letters and line breaks are all there, and in order.
    let kept: Set<Unicode.Scalar> = ["a", "b", "家", "\n"]
    #expect(
      Self.plain(shown).unicodeScalars.filter(kept.contains)
        == text.unicodeScalars.filter(kept.contains), "\(text.debugDescription)")
  }

  /// A text without what switches styles.
  private static func plain(_ text: String) -> String {
    text.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
  }
}
