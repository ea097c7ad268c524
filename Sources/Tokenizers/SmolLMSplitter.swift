/// The pattern of SmolLM: every `\p{N}` is cut out alone, then what is left between them is
/// split by the pattern of GPT-2.
package struct SmolLMSplitter: TextSplitter {
  package let names = ["smollm"]
  private let between = GPT2Splitter()

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    let character = text.character(at: start)
    switch character.kind {
    case .number: return character.next
    case .whitespace:
      // A digit ends the text as far as the second pattern can see, so all space before it is one
      // word; nothing else of that pattern looks beyond the next digit.
      let end = text.whitespace(from: start).end
      if end < text.end, text.character(at: end).kind == .number { return end }
      return between.endOfWord(from: start, in: text)
    case .letter, .other: return between.endOfWord(from: start, in: text)
    }
  }
}
