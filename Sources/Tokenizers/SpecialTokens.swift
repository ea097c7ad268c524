/// Finds the added tokens of a vocabulary by their text.
package struct SpecialTokens: Sendable {
  /// An added token and where it stands.
  package struct Occurrence: Sendable, Hashable {
    /// The bytes that it takes: its text, and white space that belongs to it.
    package let range: Range<Int>
    /// The token.
    package let token: Token
  }

  /// Tokens that only the template may write.
  private let marks: Finder
  /// Tokens that anyone may write.
  private let texts: Finder

  /// Creates the finder of added tokens.
  package init(_ tokens: [AddedToken]) {
    marks = Finder(tokens.filter(\.needsTemplate))
    texts = Finder(tokens.filter { !$0.needsTemplate })
  }

  /// Whether there are none.
  package var isEmpty: Bool { marks.isEmpty && texts.isEmpty }

  /// Returns the added tokens within a range of a text, from left to right, without overlap; of
  /// those that begin at one place, the longest.
  ///
  /// - Complexity: O(*n*)
  package func occurrences(in text: SourcedText, _ range: Range<Int>) -> [Occurrence] {
    var candidates: [Candidate] = []
    for part in text.templateRanges(in: range) { marks.find(in: text.bytes, part, &candidates) }
    if !texts.isEmpty {
      texts.find(in: text.bytes, range, &candidates)
      candidates.sort {
        ($0.range.lowerBound, -$0.range.count) < ($1.range.lowerBound, -$1.range.count)
      }
    }
    let view = ClassifiedText(text.bytes, end: range.upperBound)
    var found: [Occurrence] = []
    var matched = range.lowerBound
    var end = range.lowerBound
    for (range, token) in candidates where range.lowerBound >= matched {
      matched = range.upperBound
      guard range.lowerBound >= end, !token.isWord || view.isWord(range, from: end) else {
        continue
      }
      let start =
        token.stripsLeft
        ? view.startOfSpace(before: range.lowerBound, notBefore: end) : range.lowerBound
      end = token.stripsRight ? view.whitespace(from: range.upperBound).end : range.upperBound
      found.append(Occurrence(range: start..<end, token: token.token))
    }
    return found
  }
}

/// Where a token's text stands.
private typealias Candidate = (range: Range<Int>, token: AddedToken)

/// Finds the texts of some tokens.
private struct Finder: Sendable {
  let tokens: [AddedToken]
  /// Reads backwards, so that it knows at each position the longest token that begins there.
  let automaton: PatternAutomaton

  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    automaton = PatternAutomaton(tokens.map { $0.content.reversed() })
  }

  var isEmpty: Bool { tokens.isEmpty }

  /// Appends what stands within a range, from left to right.
  func find(in bytes: [UInt8], _ range: Range<Int>, _ candidates: inout [Candidate]) {
    guard !isEmpty else { return }
    let first = candidates.count
    var state: PatternAutomaton.State = 0
    for position in range.reversed() {
      state = automaton.next(after: state, bytes[position])
      guard let match = automaton.match(at: state) else { continue }
      let token = tokens[match]
      candidates.append((position..<(position + token.content.count), token))
    }
    candidates[first...].reverse()
  }
}

extension ClassifiedText {
  /// Returns whether neither before nor after a range a character of words stands.
  fileprivate func isWord(_ range: Range<Int>, from start: Int) -> Bool {
    let before = range.lowerBound > start ? previous(to: range.lowerBound) : nil
    let after = range.upperBound < end ? range.upperBound : nil
    return [before, after].allSatisfy { position in
      !(position.flatMap { Unicode.Scalar(character(at: $0).code) }?.isOfWords ?? false)
    }
  }

  /// Returns where the white space before a position begins.
  func startOfSpace(before position: Int, notBefore start: Int) -> Int {
    var position = position
    while position > start {
      let previous = previous(to: position)
      guard previous >= start, character(at: previous).isIn(.whitespace) else { break }
      position = previous
    }
    return position
  }

  /// Returns where the character before a position begins.
  private func previous(to position: Int) -> Int {
    var position = position - 1
    while position > 0, UTF8.isContinuation(bytes[position]) { position -= 1 }
    return position
  }
}

extension Unicode.Scalar {
  /// Whether the character is `\w` to regular expressions.
  var isOfWords: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
  }
}
