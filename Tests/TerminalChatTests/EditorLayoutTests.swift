import TerminalChat
import Testing

@Suite("Layout of the line editor")
struct EditorLayoutTests {
  private func layout(_ typed: String, width: Int, history: [String] = []) -> EditorLayout {
    var typing = Typing(history: history)
    typing.type(typed)
    return EditorLayout(
      prompt: "> ", continuation: "  ", editor: typing.editor, width: width)
  }

  @Test("A message wraps at the width of the screen")
  func wraps() {
    let layout = layout("abcdefghij", width: 6)
    #expect(layout.rows == ["> abcd", "efghij", ""])
    #expect(layout.cursorRow == 2 && layout.cursorColumn == 0)
  }

  @Test("Wide characters take two columns and are not cut in two")
  func wide() {
    let layout = layout("a家家b", width: 6)
    #expect(layout.rows == ["> a家", "家b"])
    #expect(layout.cursorRow == 1 && layout.cursorColumn == 3)
  }

  @Test("The cursor before a character that wraps is in the next row")
  func cursorWraps() {
    let layout = layout("abcde\u{1B}[D", width: 6)
    #expect(layout.cursorRow == 1 && layout.cursorColumn == 0)
    let wide = self.layout("abc家\u{1B}[D", width: 6)
    #expect(wide.rows == ["> abc", "家"])
    #expect(wide.cursorRow == 1 && wide.cursorColumn == 0)
  }

  @Test("Further lines stand below the text of the first")
  func lines() {
    let layout = layout("ab\ncd\u{1B}[A", width: 20)
    #expect(layout.rows == ["> ab", "  cd"])
    #expect(layout.cursorRow == 0 && layout.cursorColumn == 4)
  }

  @Test("What a terminal might obey is spelled out, tabs are spaces")
  func harmless() {
    let layout = layout("a\tb", width: 20, history: [])
    #expect(layout.rows == ["> a    b"])
    let treacherous = self.layout("\u{10}", width: 40, history: ["a\u{1B}[2J\u{202E}b"])
    #expect(treacherous.rows == [#"> a\u{1b}[2J\u{202e}b"#])
    #expect(treacherous.cursorColumn == treacherous.rows[0].count)
  }

  @Test("A search shows what it looks for")
  func search() {
    let layout = layout("\u{12}o", width: 40, history: ["one"])
    #expect(layout.rows == ["(search: o) one"])
  }

  @Test("Of a message higher than the screen the rows around the cursor are shown")
  func high() {
    let text = (0..<10).map(String.init).joined(separator: "\n")
    #expect(layout(text, width: 20).rows(fitting: 4) == 6..<10)
    #expect(layout(text + "\u{1B}[A\u{1B}[A\u{1B}[A\u{1B}[A", width: 20).rows(fitting: 4) == 3..<7)
    #expect(layout(text, width: 20).rows(fitting: 20) == 0..<10)
  }

  @Test("Drawing again begins in the first row of what was drawn")
  func display() {
    var display = EditorDisplay()
    #expect(display.draw(layout("ab", width: 20), height: 24) == "\r\u{1B}[J> ab\r\u{1B}[4C")
    let two = layout("ab\nc", width: 20)
    #expect(display.draw(two, height: 24) == "\r\u{1B}[J> ab\r\n  c\r\u{1B}[3C")
    let back = layout("ab\nc\u{1B}[A", width: 20)
    #expect(
      display.draw(back, height: 24)
        == "\u{1B}[1A\r\u{1B}[J> ab\r\n  c\u{1B}[1A\r\u{1B}[3C")
    #expect(display.leave(back, height: 24) == "\u{1B}[1B\r\n")
    #expect(display.draw(layout("", width: 20), height: 24) == "\r\u{1B}[J> \r\u{1B}[2C")
  }

  @Test("A narrower screen has moved the cursor down")
  func resize() {
    var display = EditorDisplay()
    _ = display.draw(layout("abcdefgh", width: 20), height: 24)
    let narrow = layout("abcdefgh", width: 6)
    display.noteResize(to: narrow, height: 24)
    #expect(display.draw(narrow, height: 24) == "\u{1B}[1A\r\u{1B}[J> abcd\r\nefgh\r\u{1B}[4C")
  }

  @Test(
    "Characters have the columns that terminals give them",
    arguments: [
      ("a", 1), ("é", 1), ("e\u{301}", 1), ("家", 2), ("가", 2), ("ｱ", 1), ("Ａ", 2), ("👍", 2),
      ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("❤", 1), ("❤️", 2), ("→", 1), ("\u{200B}", 0), ("𠀀", 2),
    ])
  func columns(_ text: String, _ columns: Int) {
    #expect(text.columns == columns)
  }
}
