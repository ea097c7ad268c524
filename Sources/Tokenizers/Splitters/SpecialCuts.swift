/// White space at the end of the text: `\s+$`.
struct FinalSpaceCut: TextCut {
  let patterns = [#"\s+$"#]

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    var position = start
    while position < text.end {
      if text.character(at: position).isIn(.whitespace) {
        let end = text.whitespace(from: position).end
        if end == text.end { body(position..<end) }
        position = end
      } else {
        position = text.endOfRun(outside: .whitespace, from: position)
      }
    }
  }
}

/// Groups of three digits, counted from the last digit of a number, which begin with what is left.
struct DigitGroupCut: TextCut {
  let patterns: [String]
  /// Whether `\d` counts and not all of `\p{N}`.
  let isDecimal: Bool
  /// Whether a number that a word goes on after is not cut.
  let needsBoundary: Bool

  /// `\d{1,3}(?=(?:\d{3})*\b)`.
  static let words = DigitGroupCut(
    patterns: [#"\d{1,3}(?=(?:\d{3})*\b)"#], isDecimal: true, needsBoundary: true)
  /// All numbers, whatever follows.
  static let numbers = DigitGroupCut(
    patterns: [#"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"#], isDecimal: false, needsBoundary: false)

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    text.forEachNumber(from: start, isDecimal: isDecimal) { starts, end in
      guard !needsBoundary || isBoundary(at: end, in: text) else { return }
      var first = 0
      var next = starts.count % 3 == 0 ? 3 : starts.count % 3
      while first < starts.count {
        body(starts[first]..<(next < starts.count ? starts[next] : end))
        first = next
        next += 3
      }
    }
  }

  private func isBoundary(at position: Int, in text: ClassifiedText) -> Bool {
    guard position < text.end else { return true }
    let character = text.character(at: position)
    return !character.isIn(.number) && Unicode.Scalar(character.code)?.isOfWords == false
  }
}

/// `(?=(\d{3})+(?!\d))`: text is cut before digits of which a multiple of three are left.
struct DigitBoundaryCut: TextCut {
  let patterns = [#"(?=(\d{3})+(?!\d))"#]

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    var cut: Int?
    text.forEachNumber(from: start, isDecimal: true) { starts, _ in
      for index in stride(from: starts.count % 3, to: starts.count, by: 3) {
        if let cut, cut < starts[index] { body(cut..<starts[index]) }
        cut = starts[index]
      }
    }
    if let cut, cut < text.end { body(cut..<text.end) }
  }
}

extension ClassifiedText {
  /// Calls for each run of digits, with where each digit begins and where the run ends.
  fileprivate func forEachNumber(
    from start: Int, isDecimal: Bool, _ body: ([Int], Int) -> Void
  ) {
    var position = start
    var starts: [Int] = []
    while position < end {
      let character = character(at: position)
      if isDigit(character, isDecimal: isDecimal) {
        starts.append(position)
      } else if !starts.isEmpty {
        body(starts, position)
        starts.removeAll(keepingCapacity: true)
      }
      position = character.next
    }
    if !starts.isEmpty { body(starts, end) }
  }

  private func isDigit(_ character: Character, isDecimal: Bool) -> Bool {
    guard character.isIn(.number) else { return false }
    guard isDecimal, character.code >= 0x80 else { return true }
    return Unicode.Scalar(character.code)?.properties.generalCategory == .decimalNumber
  }
}

/// A splitter that covers all text as one of several cuts.
struct SplitterCut: TextCut {
  let splitter: any TextSplitter
  let patterns: [String]

  init(_ splitter: any TextSplitter) {
    self.splitter = splitter
    patterns = splitter.patterns
  }

  init(_ splitter: any TextSplitter, patterns: [String]) {
    self.splitter = splitter
    self.patterns = patterns
  }

  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    splitter.forEachWord(in: text.bytes, start..<text.end, body)
  }
}
