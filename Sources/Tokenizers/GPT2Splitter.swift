/// The pattern of GPT-2:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
package struct GPT2Splitter: TextSplitter {
  package let names = ["gpt-2", "default"]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    if let end = EnglishContraction.end(from: start, in: text) { return end }
    var character = text.character(at: start)
    if text.byte(at: start) == UInt8(ascii: " "), character.next < text.end {
      let second = text.character(at: character.next)
      if second.kind != .whitespace { character = second }
    }
    guard character.kind == .whitespace else {
      return text.endOfRun(of: character.kind, from: character.next)
    }
    // The last of several spaces belongs to the word that follows.
    let space = text.whitespace(from: start)
    return space.end < text.end && space.last > start ? space.last : space.end
  }
}
