/// The patterns of DeepSeek V3, three cuts in turn: numbers by threes, runs of Han and Kana, and
/// in what is left between them
/// ``[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+``
/// ``| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+``.
package struct DeepSeekV3Splitter: ScanningSplitter {
  package let names = ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"]

  package let patterns = [
    #"\p{N}{1,3}"#,
    "[一-龥぀-ゟ゠-ヿ]+",
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
      + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
  ]

  private static let words: ScalarClass = [.letter, .mark]
  private static let signs: ScalarClass = [.punctuation, .symbol]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    let first = text.character(at: start)
    if first.isIn(.number) { return text.endOfRun(of: .number, from: start, limit: 3) }
    // To the third pattern the text ends where the first two have cut.
    let part = Part(text: text, isEastAsian: Self.isEastAsian(first))
    if let end = endOfMatch(from: start, in: part) { return end }
    // What no alternative matches stays together up to where one does.
    var position = first.next
    while part.contains(position), endOfMatch(from: position, in: part) == nil {
      position = text.character(at: position).next
    }
    return position
  }

  /// The characters from some position on that the first two cuts leave together.
  private struct Part {
    let text: ClassifiedText
    let isEastAsian: Bool

    /// Whether the character at a position belongs to the part.
    func contains(_ position: Int) -> Bool { character(at: position) != nil }

    /// The character at a position, or nil where the part ends.
    func character(at position: Int) -> ClassifiedText.Character? {
      guard position < text.end else { return nil }
      let character = text.character(at: position)
      let isEastAsian = DeepSeekV3Splitter.isEastAsian(character)
      let belongs = !character.isIn(.number) && isEastAsian == self.isEastAsian
      return belongs ? character : nil
    }

    /// Where the characters of some classes from `start` on end.
    func endOfRun(of classes: ScalarClass, from start: Int) -> Int {
      var position = start
      while let character = character(at: position), character.isIn(classes) {
        position = character.next
      }
      return position
    }
  }

  /// `[一-龥぀-ゟ゠-ヿ]`.
  private static func isEastAsian(_ character: ClassifiedText.Character) -> Bool {
    (0x4E00...0x9FA5).contains(character.code) || (0x3040...0x30FF).contains(character.code)
  }

  /// Returns where the third pattern's match at `start` ends, or nil where it has none.
  private func endOfMatch(from start: Int, in part: Part) -> Int? {
    guard let first = part.character(at: start) else { return nil }
    if first.code < 0x80, first.isIn(Self.signs) {
      let end = endOfLatin(from: first.next, in: part)
      if end > first.next { return end }
    }
    if first.isIn(Self.words) { return part.endOfRun(of: Self.words, from: start) }
    if !first.isIn(Self.signs), !part.text.isLineEnd(at: start) {
      let end = part.endOfRun(of: Self.words, from: first.next)
      if end > first.next { return end }
    }
    if first.isIn(Self.signs) { return endOfSigns(from: start, in: part) }
    guard first.isIn(.whitespace) else { return nil }
    if first.code == 0x20, part.character(at: first.next)?.isIn(Self.signs) == true {
      return endOfSigns(from: first.next, in: part)
    }
    return endOfSpace(from: start, in: part)
  }

  private func endOfSpace(from start: Int, in part: Part) -> Int {
    let space = part.text.whitespace(from: start)
    if let end = space.endOfLines { return end }
    return part.contains(space.end) && space.last > start ? space.last : space.end
  }

  private func endOfLatin(from start: Int, in part: Part) -> Int {
    var position = start
    while let byte = part.text.byte(at: position), (0x61...0x7A).contains(byte | 0x20) {
      position += 1
    }
    return position
  }

  private func endOfSigns(from start: Int, in part: Part) -> Int {
    var end = part.endOfRun(of: Self.signs, from: start)
    while part.text.isLineEnd(at: end) { end += 1 }
    return end
  }
}
