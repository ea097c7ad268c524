import Platform
import Testing

@Suite("Text that a terminal shows")
struct HarmlessTextTests {
  @Test(
    "What a terminal might obey is spelled out",
    arguments: [
      ("plain ä 漢 🙂\tand\nlines", "plain ä 漢 🙂\tand\nlines"), ("\u{1B}[2J", "\\u{1b}[2J"),
      ("a\rb", "a\\u{d}b"), ("\u{9B}1m", "\\u{9b}1m"), ("\u{202E}x", "\\u{202e}x"),
      ("\u{0}\u{7F}", "\\u{0}\\u{7f}"),
    ])
  func lines(text: String, harmless: String) {
    #expect(text.harmlessLines == harmless)
  }

  @Test("What quoting sees to is left to it")
  func quoted() {
    #expect("\u{1B}\r\u{9B}".harmless == "\u{1B}\r\\u{9b}")
  }
}
