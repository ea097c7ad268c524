/// The pattern of SmolLM: every `\p{N}` is cut out alone, then what is left between them is
/// split by the pattern of GPT-2.
package struct SmolLMSplitter: ScanningSplitter {
  package let names = [
    "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2",
  ]
  package let patterns = [#"\p{N}"#] + GPT2Splitter().patterns
  private let between = GPT2Splitter()

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    let character = text.character(at: start)
    if character.isIn(.number) { return character.next }
    if character.isIn(.whitespace) {
      // A digit ends the text as far as the second pattern can see, so all space before it is one
      // word; nothing else of that pattern looks beyond the next digit.
      let end = text.whitespace(from: start).end
      if end < text.end, text.character(at: end).isIn(.number) { return end }
    }
    return between.endOfWord(from: start, in: text)
  }
}
