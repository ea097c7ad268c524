/// The pattern of GPT-2:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
package struct GPT2Splitter: ScanningSplitter {
  package let names = [
    "gpt-2", "phi-2", "mpt", "olmo", "jais", "exaone4", "modern-bert", "roberta-bpe",
    "jina-v1-en", "jina-v2-code", "jina-v2-de", "jina-v2-es", "jina-de", "jina-es", "gigachat",
    "mellum", "a.x-4.0", "trillion", "granite-docling",
  ]
  package let patterns = [
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  ]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    if let end = EnglishContraction.end(from: start, in: text) { return end }
    var character = text.character(at: start)
    if text.byte(at: start) == UInt8(ascii: " "), character.next < text.end {
      let second = text.character(at: character.next)
      if !second.isIn(.whitespace) { character = second }
    }
    if character.isIn(.letter) {
      return text.endOfRun(of: .letter, from: character.next)
    }
    if character.isIn(.number) { return text.endOfRun(of: .number, from: character.next) }
    guard character.isIn(.whitespace) else {
      return text.endOfRun(outside: [.letter, .number, .whitespace], from: character.next)
    }
    return text.endOfSpace(from: start)
  }
}
