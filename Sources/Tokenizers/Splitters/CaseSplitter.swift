/// The pattern of GPT-4o, in which a word ends where lower case turns into upper case.
package struct GPT4oSplitter: ScanningSplitter {
  package let names = ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"]
  package let patterns = [
    CasePattern.pattern(ending: CasePattern.contraction, number: #"\p{N}{1,3}"#)
  ]

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    CasePattern(digits: 3, takesContractions: true).endOfWord(from: start, in: text)
  }
}

/// The pattern of Mistral's Tekken: that of GPT-4o without contractions, and each digit is a word.
package struct TekkenSplitter: ScanningSplitter {
  package let names = ["tekken"]
  package let patterns = [CasePattern.pattern(ending: "", number: #"\p{N}"#)]
  package let beginsSequences = true
  package let takesWholeWords = true

  /// Creates the splitter.
  package init() {}

  package func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    CasePattern(digits: 1, takesContractions: false).endOfWord(from: start, in: text)
  }
}

/// What the patterns of GPT-4o and its successors share. With U for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
/// and L for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
/// `[^\r\n\p{L}\p{N}]?U*L+|[^\r\n\p{L}\p{N}]?U+L*|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*`
/// `|\s*[\r\n]+|\s+(?!\S)|\s+`.
struct CasePattern {
  private static let both: ScalarClass = [.uncased, .mark]
  private static let upper = both.union(.upper)
  private static let lower = both.union(.lower)

  /// What ends a word where contractions do.
  static let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

  let digits: Int
  /// Whether endings such as `'s` belong to the word before them.
  let takesContractions: Bool
  /// Characters that are no letters here.
  var excluded: ScalarSet?

  /// The regular expression with these parts for what ends a word and for numbers.
  static func pattern(ending: String, number: String) -> String {
    let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
    let first = #"[^\r\n\p{L}\p{N}]?"#
    return "\(first)\(upper)*\(lower)+\(ending)|\(first)\(upper)+\(lower)*\(ending)|\(number)"
      + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// Returns where the word that begins at `start` ends.
  func endOfWord(from start: Int, in text: ClassifiedText) -> Int {
    if let end = endOfCased(from: start, in: text) { return end }
    let first = text.character(at: start)
    if first.isIn(.number) { return text.endOfRun(of: .number, from: start, limit: digits) }
    let wordsAndSpace: ScalarClass = [.letter, .number, .whitespace]
    if !first.isIn(wordsAndSpace) { return endOfSymbols(from: start, in: text) }
    if text.byte(at: start) == UInt8(ascii: " "), first.next < text.end,
      !text.character(at: first.next).isIn(wordsAndSpace)
    {
      return endOfSymbols(from: first.next, in: text)
    }
    return text.whitespace(from: start).endOfLines ?? text.endOfSpace(from: start)
  }

  private func endOfSymbols(from start: Int, in text: ClassifiedText) -> Int {
    var end = text.endOfRun(outside: [.letter, .number, .whitespace], from: start)
    while text.isLineEnd(at: end) || text.byte(at: end) == UInt8(ascii: "/") { end += 1 }
    return end
  }

  /// Returns where a match of the first two alternatives ends, or nil where neither matches.
  func endOfCased(from start: Int, in text: ClassifiedText) -> Int? {
    guard let end = endOfLetters(from: start, in: text) else { return nil }
    guard takesContractions else { return end }
    return EnglishContraction.end(from: end, in: text, ignoringCase: true) ?? end
  }

  private func endOfLetters(from start: Int, in text: ClassifiedText) -> Int? {
    let first = text.character(at: start)
    // With a character in front that is no letter, then without.
    let takesFirst = !first.isIn([.letter, .number]) && !text.isLineEnd(at: start)
    let starts = takesFirst ? [first.next, start] : [start]
    for start in starts {
      if let end = endOfLower(from: start, in: text) { return end }
    }
    for start in starts {
      let end = endOfRun(of: Self.upper, from: start, in: text)
      if end > start { return end }
    }
    return nil
  }

  private func endOfRun(
    of classes: ScalarClass, from start: Int, in text: ClassifiedText
  ) -> Int {
    guard let excluded else { return text.endOfRun(of: classes, from: start) }
    var position = start
    while position < text.end {
      let character = text.character(at: position)
      guard character.isIn(classes), !excluded.contains(character) else { break }
      position = character.next
    }
    return position
  }

  /// Returns where `U*L+` ends, or nil.
  private func endOfLower(from start: Int, in text: ClassifiedText) -> Int? {
    var position = start
    // What U takes last it gives back to L, where L can have it.
    var endOfBoth: Int?
    while position < text.end {
      let character = text.character(at: position)
      guard character.isIn(Self.upper), excluded?.contains(character) != true else { break }
      position = character.next
      if character.isIn(Self.both) { endOfBoth = position }
    }
    let end = endOfRun(of: Self.lower, from: position, in: text)
    return end > position ? end : endOfBoth
  }
}

/// The first two alternatives of `CasePattern`.
struct CaseAlternative: PatternAlternative {
  let pattern: CasePattern

  init(takesContractions: Bool = true, excluding excluded: ScalarSet? = nil) {
    pattern = CasePattern(digits: 1, takesContractions: takesContractions, excluded: excluded)
  }

  func end(from start: Int, in text: ClassifiedText) -> Int? {
    pattern.endOfCased(from: start, in: text)
  }
}
