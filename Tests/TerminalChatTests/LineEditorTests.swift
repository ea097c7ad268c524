import TerminalChat
import Testing

@Suite("Line editor")
struct LineEditorTests {
  @Test(
    "Keys change the text and move the cursor",
    arguments: [
      ("abc", "abc|"),
      ("abc\u{1B}[D\u{1B}[DX", "aX|bc"),
      ("abc\u{02}\u{02}\u{06}X", "abX|c"),
      ("abc\u{1B}OD\u{1B}OCX", "abcX|"),
      ("abc\u{01}X\u{05}Y", "XabcY|"),
      ("abc\u{1B}[HX\u{1B}[FY", "XabcY|"),
      ("abc\u{1B}[1~X\u{1B}[4~Y", "XabcY|"),
      ("abc\u{7F}", "ab|"),
      ("abc\u{08}", "ab|"),
      ("abc\u{01}\u{1B}[3~", "|bc"),
      ("abc\u{01}\u{04}", "|bc"),
      ("one two\u{17}", "one |"),
      ("one two  \u{17}", "one |"),
      ("a-b c\u{1B}b\u{1B}bX", "a-X|b c"),
      ("one two\u{1B}[1;5D\u{1B}[1;3DX", "X|one two"),
      ("one two\u{01}\u{1B}[1;5CX", "oneX| two"),
      ("one two\u{01}\u{1B}d", "| two"),
      ("one two\u{1B}\u{7F}", "one |"),
      ("one two\u{02}\u{02}\u{02}\u{0B}", "one |"),
      ("one two\u{02}\u{02}\u{02}\u{15}", "|two"),
      ("one two\u{15}\u{19}!\u{19}", "one two!one two|"),
      ("ab\u{14}", "ba|"),
      ("abc\u{01}\u{06}\u{14}", "ba|c"),
      ("a\tb", "a\tb|"),
    ])
  func keys(_ typed: String, _ expected: String) {
    var typing = Typing()
    typing.type(typed)
    #expect(typing.state == expected)
  }

  @Test("A sequence that means nothing here changes nothing")
  func strangeSequences() {
    var typing = Typing()
    typing.type("a\u{1B}[99;99X\u{1B}[?1;2c\u{1B}[5~\u{1B}OP\u{1B}x\u{1B}[Z\u{00}\u{1C}b")
    #expect(typing.state == "ab|")
  }

  @Test("Bytes mean the same however they come in pieces")
  func pieces() {
    let bytes = Array("a\u{1B}[Dé\u{1B}[200~x\r\ny\u{1B}[201~家\u{1B}[1;5D!".utf8)
    var whole = Typing()
    whole.type(bytes: bytes)
    var single = Typing()
    for byte in bytes { single.type(bytes: [byte]) }
    #expect(single.state == whole.state)
    #expect(whole.state == "éx\n!|y家a")
  }

  @Test("Characters of several scalars are moved over and deleted as one")
  func clusters() {
    var typing = Typing()
    typing.type("e\u{301}")
    #expect(typing.editor.characters.count == 1)
    typing.type("x👨‍👩‍👧🇩🇪")
    #expect(typing.editor.characters.count == 4)
    typing.type("\u{7F}\u{7F}")
    #expect(typing.state == "e\u{301}x|")
    typing.type("\u{7F}\u{1B}[D")
    #expect(typing.state == "|e\u{301}")
  }

  @Test("A mark that joins the character before the cursor leaves the cursor after it")
  func combining() {
    var typing = Typing()
    typing.type("eb\u{1B}[D")
    typing.type("\u{301}")
    #expect(typing.state == "e\u{301}|b")
  }

  @Test("Bytes that are no UTF-8 become replacement characters")
  func invalid() {
    var typing = Typing()
    typing.type(bytes: [0x61, 0xC3, 0x62, 0xFF, 0xE2, 0x82, 0x63])
    #expect(typing.state == "a\u{FFFD}b\u{FFFD}\u{FFFD}c|")
  }

  @Test("Enter ends the message, and the editor is empty again")
  func enter() {
    var typing = Typing()
    #expect(typing.type("hello\r") == .submitted("hello"))
    #expect(typing.state == "|")
  }

  @Test(
    "A backslash at the end, Ctrl-J and Alt-Enter go on in a new line",
    arguments: [
      "a\\\rb\r", "a\nb\r", "a\u{1B}\rb\r", "a\u{1B}[13;2ub\r", "a\u{1B}[27;2;13~b\r",
    ])
  func lines(_ typed: String) {
    var typing = Typing()
    #expect(typing.type(typed) == .submitted("a\nb"))
  }

  @Test("What is pasted keeps its line breaks and loses its control characters")
  func paste() {
    var typing = Typing()
    typing.type("<\u{1B}[200~a\rb\r\nc\n\td\u{1B}[31m\u{07}\u{9B}\u{1B}[201~>")
    #expect(typing.state == "<a\nb\nc\n\td[31m>|")
  }

  @Test("A message beyond the limit is refused and leaves what was there")
  func tooLong() {
    var typing = Typing()
    typing.type("a")
    let long = String(repeating: "x", count: LineEditor.byteLimit)
    #expect(typing.type("\u{1B}[200~\(long)\(long)\u{1B}[201~") == .refused)
    #expect(typing.state == "a|")
    #expect(typing.type("\u{1B}[200~\(long.dropLast())\u{1B}[201~") == .editing)
  }

  @Test("Up and down move between lines, and beyond them through what was said before")
  func history() {
    var typing = Typing(history: ["one", "two\nlines"])
    typing.type("draft\u{1B}[A")
    #expect(typing.state == "two\nlines|")
    typing.type("\u{1B}[A")
    #expect(typing.state == "two|\nlines")
    typing.type("\u{1B}[A")
    #expect(typing.state == "one|")
    #expect(typing.type("\u{1B}[A") == .refused)
    typing.type("\u{1B}[B\u{1B}[B")
    #expect(typing.state == "draft|")
    #expect(typing.type("\u{1B}[B") == .refused)
    typing.type("\u{10}")
    #expect(typing.state == "two\nlines|")
    #expect(typing.type("\r") == .submitted("two\nlines"))
  }

  @Test("Home and end, and what kills, keep to the line of the cursor")
  func linesOfTheirOwn() {
    var typing = Typing()
    typing.type("one\ntwo\nthree\u{1B}[A\u{01}")
    #expect(typing.state == "one\n|two\nthree")
    typing.type("\u{0B}")
    #expect(typing.state == "one\n|\nthree")
    typing.type("\u{0B}")
    #expect(typing.state == "one\n|three")
    typing.type("\u{05}\u{15}")
    #expect(typing.state == "one\n|")
  }

  @Test("The interrupt key gives what was typed, the end of input counts where nothing was")
  func ends() {
    var typing = Typing()
    #expect(typing.type("\u{03}") == .interrupted(""))
    #expect(typing.type("abc\u{03}") == .interrupted("abc"))
    #expect(typing.state == "|")
    #expect(typing.type("\u{04}") == .ended)
    #expect(typing.type("\u{0C}") == .clearsScreen)
    #expect(typing.type("\u{1A}") == .suspends)
  }

  @Test("A search shows the newest entry that has the text, then older ones")
  func search() {
    var typing = Typing(history: ["cat one", "dog", "cat two"])
    typing.type("x\u{12}cat")
    #expect(typing.state == "cat two|")
    typing.type("\u{12}")
    #expect(typing.state == "cat one|")
    #expect(typing.type("\u{12}") == .refused)
    #expect(typing.editor.search?.hasFailed == true)
    typing.type("\u{07}")
    #expect(typing.state == "x|")
    typing.type("\u{12}do\u{1B}[D!")
    #expect(typing.state == "do!|g")
    #expect(typing.type("\u{15}\u{12}cat\r") == .submitted("cat two"))
  }
}
