/// Part of a regular expression: one of its alternatives.
protocol PatternAlternative: Sendable {
  /// Returns where the match that begins at `start`, before the end of the text, ends; nil where
  /// there is none.
  func end(from start: Int, in text: ClassifiedText) -> Int?
}

/// A regular expression as a list of alternatives, of which the first that matches counts.
struct PatternCut: TextCut {
  let patterns: [String]
  let alternatives: [any PatternAlternative]

  init(_ patterns: String..., matching alternatives: [any PatternAlternative]) {
    self.patterns = patterns
    self.alternatives = alternatives
  }

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    var position = start
    while position < text.end {
      if let end = end(from: position, in: text) {
        body(position..<end)
        position = end
      } else {
        position = text.character(at: position).next
      }
    }
  }

  private func end(from start: Int, in text: ClassifiedText) -> Int? {
    for alternative in alternatives {
      if let end = alternative.end(from: start, in: text) { return end }
    }
    return nil
  }
}

/// `p?c{m,n}t*`: characters of one set, perhaps after one of another, and what follows at the end.
///
/// Characters of the set are never given back, which changes nothing where what follows is not of
/// the set.
struct RunAlternative: PatternAlternative {
  /// What may stand in front, once.
  var prefix: ScalarSet?
  /// Whether it must stand in front.
  var needsPrefix = false
  let characters: ScalarSet
  var count = 1...Int.max
  /// What follows.
  var tail: ScalarSet?
  /// How many characters follow at most.
  var tailLimit = Int.max

  init(
    _ characters: ScalarSet, after prefix: ScalarSet? = nil, count: ClosedRange<Int> = 1...Int.max,
    tail: ScalarSet? = nil
  ) {
    self.characters = characters
    self.prefix = prefix
    self.count = count
    self.tail = tail
  }

  func end(from start: Int, in text: ClassifiedText) -> Int? {
    if let prefix {
      let first = text.character(at: start)
      if prefix.contains(first), let end = endOfRun(from: first.next, in: text) { return end }
      if needsPrefix { return nil }
    }
    return endOfRun(from: start, in: text)
  }

  private func endOfRun(from start: Int, in text: ClassifiedText) -> Int? {
    let (end, found) = Self.run(characters, from: start, limit: count.upperBound, in: text)
    guard found >= count.lowerBound else { return nil }
    guard let tail else { return end }
    return Self.run(tail, from: end, limit: tailLimit, in: text).end
  }

  private static func run(
    _ set: ScalarSet, from start: Int, limit: Int, in text: ClassifiedText
  ) -> (end: Int, count: Int) {
    var position = start
    var count = 0
    while count < limit, position < text.end {
      let character = text.character(at: position)
      guard set.contains(character) else { break }
      position = character.next
      count += 1
    }
    return (position, count)
  }
}

/// The endings `'s 't 're 've 'm 'll 'd`.
struct ContractionAlternative: PatternAlternative {
  let ignoresCase: Bool

  func end(from start: Int, in text: ClassifiedText) -> Int? {
    EnglishContraction.end(from: start, in: text, ignoringCase: ignoresCase)
  }
}

/// `\s*[\r\n]+`, which ends as `\s*[\r\n]` does: at the last line end of the white space.
struct LinesAlternative: PatternAlternative {
  func end(from start: Int, in text: ClassifiedText) -> Int? {
    text.whitespace(from: start).endOfLines
  }
}

/// `\s+(?!\S)|\s+`.
struct SpaceAlternative: PatternAlternative {
  func end(from start: Int, in text: ClassifiedText) -> Int? {
    text.character(at: start).isIn(.whitespace) ? text.endOfSpace(from: start) : nil
  }
}

/// `[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`: words with single spaces in between.
struct PhraseAlternative: PatternAlternative {
  func end(from start: Int, in text: ClassifiedText) -> Int? {
    let first = text.character(at: start)
    if !first.isIn([.letter, .number]), !text.isLineEnd(at: start), first.next < text.end,
      text.character(at: first.next).isIn(.letter)
    {
      return endOfPhrase(from: first.next, in: text)
    }
    return first.isIn(.letter) ? endOfPhrase(from: start, in: text) : nil
  }

  private func endOfPhrase(from start: Int, in text: ClassifiedText) -> Int {
    var end = start
    while true {
      end = text.endOfRun(of: .letter, from: end)
      end = text.endOfRun(of: .mark, from: end)
      let next = text.byte(at: end) == UInt8(ascii: " ") ? end + 1 : end
      guard next < text.end, text.character(at: next).isIn(.letter) else { return end }
      end = next
    }
  }
}

/// Some of several strings, the first in the list that matches.
struct StringsAlternative: PatternAlternative {
  let strings: [[UInt8]]

  init(_ strings: [String]) {
    self.strings = strings.map { Array($0.utf8) }
  }

  func end(from start: Int, in text: ClassifiedText) -> Int? {
    for string in strings where start + string.count <= text.end {
      if text.bytes[start..<(start + string.count)].elementsEqual(string) {
        return start + string.count
      }
    }
    return nil
  }
}
