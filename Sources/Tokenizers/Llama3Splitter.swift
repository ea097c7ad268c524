/// The pattern of Llama 3, digits by threes:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*`
/// `|\s*[\r\n]+|\s+(?!\S)|\s+`.
package struct Llama3Splitter: TextSplitter {
  package let names = ["llama-bpe", "llama3", "llama-v3"]
  package let takesWholeWords = true

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    LinewisePattern.endOfWord(from: start, in: text, digits: 3)
  }
}

/// What the patterns of Llama 3 and its successors share: line ends close a word, and only the
/// number of digits in a word differs.
package enum LinewisePattern {
  /// Returns where the word that begins at `start` ends.
  package static func endOfWord(from start: Int, in text: ClassifiedText, digits: Int) -> Int {
    if let end = EnglishContraction.end(from: start, in: text, ignoringCase: true) { return end }
    let first = text.character(at: start)
    if first.kind == .letter { return text.endOfRun(of: .letter, from: first.next) }
    if first.kind == .number { return text.endOfRun(of: .number, from: start, limit: digits) }
    let second = first.next < text.end ? text.character(at: first.next) : nil
    if second?.kind == .letter, !text.isLineEnd(at: start) {
      return text.endOfRun(of: .letter, from: first.next)
    }
    if first.kind == .other { return endOfSymbols(from: start, in: text) }
    if second?.kind == .other, text.byte(at: start) == UInt8(ascii: " ") {
      return endOfSymbols(from: first.next, in: text)
    }
    let space = text.whitespace(from: start)
    if let end = space.endOfLines { return end }
    return space.end < text.end && space.last > start ? space.last : space.end
  }

  private static func endOfSymbols(from start: Int, in text: ClassifiedText) -> Int {
    var end = text.endOfRun(of: .other, from: start)
    while text.isLineEnd(at: end) { end += 1 }
    return end
  }
}
