/// One regular expression of those by which text is cut in turn.
protocol TextCut: Sendable {
  /// The regular expressions that it stands for; the first is the one to show.
  var patterns: [String] { get }

  /// Calls for each match in a text, from left to right; matches are not empty.
  ///
  /// - Complexity: O(*n*)
  func forEachMatch(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void)
}

/// What becomes of the matches of a cut.
enum CutBehavior: String, Sendable, Hashable {
  /// A match is a piece of its own.
  case isolated = "Isolated"
  /// A match is no piece.
  case removed = "Removed"
  /// A match ends the piece before it.
  case mergedWithPrevious = "MergedWithPrevious"
  /// A match begins the piece after it.
  case mergedWithNext = "MergedWithNext"
  /// Matches that touch are one piece.
  case contiguous = "Contiguous"
}

/// A cut and what becomes of its matches.
struct CutStep: Sendable {
  let cut: any TextCut
  var behavior = CutBehavior.isolated
  /// Whether what lies between matches counts as the match.
  var isInverted = false

  /// Calls for each piece of a text from some position on.
  func forEachPiece(in text: ClassifiedText, from start: Int, _ body: (Range<Int>) -> Void) {
    var pieces = CutPieces(behavior: behavior, start: start)
    var end = start
    cut.forEachMatch(in: text, from: start) { match in
      if end < match.lowerBound { pieces.add(end..<match.lowerBound, isInverted, body) }
      pieces.add(match, !isInverted, body)
      end = match.upperBound
    }
    if end < text.end { pieces.add(end..<text.end, isInverted, body) }
    pieces.finish(body)
  }
}

/// Puts matches and what lies between them together.
private struct CutPieces {
  let behavior: CutBehavior
  /// A piece that may still grow.
  private var open: Range<Int>?
  private var lastIsMatch = false

  init(behavior: CutBehavior, start: Int) {
    self.behavior = behavior
  }

  mutating func add(_ range: Range<Int>, _ isMatch: Bool, _ body: (Range<Int>) -> Void) {
    switch behavior {
    case .isolated: body(range)
    case .removed: if !isMatch { body(range) }
    case .mergedWithPrevious:
      if isMatch, !lastIsMatch, let before = open.take() {
        body(before.lowerBound..<range.upperBound)
      } else {
        finish(body)
        open = range
      }
    case .mergedWithNext:
      if let before = open, lastIsMatch, !isMatch {
        open = nil
        body(before.lowerBound..<range.upperBound)
      } else {
        finish(body)
        open = range
      }
    case .contiguous:
      if let before = open, lastIsMatch == isMatch {
        open = before.lowerBound..<range.upperBound
      } else {
        finish(body)
        open = range
      }
    }
    lastIsMatch = isMatch
  }

  mutating func finish(_ body: (Range<Int>) -> Void) {
    if let piece = open.take() { body(piece) }
  }
}

/// Cuts text by several regular expressions in turn: each sees the pieces that the one before left.
struct CutSplitter: TextSplitter {
  let names: [String]
  let steps: [CutStep]
  var aliases: [[String]] = []
  var beginsSequences = false
  var takesWholeWords = false

  init(_ names: [String], _ steps: [CutStep]) {
    self.names = names
    self.steps = steps
  }

  /// Creates a splitter whose matches are words, as is what lies between them.
  init(_ names: [String], _ cuts: [any TextCut]) {
    self.init(names, cuts.map { CutStep(cut: $0) })
  }

  var patterns: [String] {
    steps.allSatisfy { $0.behavior == .isolated && !$0.isInverted }
      ? steps.compactMap(\.cut.patterns.first) : []
  }

  func forEachWord(in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    cut(bytes, range, steps[...], body)
  }

  private func cut(
    _ bytes: [UInt8], _ range: Range<Int>, _ steps: ArraySlice<CutStep>,
    _ body: (Range<Int>) -> Void
  ) {
    guard let step = steps.first else {
      if !range.isEmpty { body(range) }
      return
    }
    let view = ClassifiedText(bytes, end: range.upperBound)
    step.forEachPiece(in: view, from: range.lowerBound) { piece in
      cut(bytes, piece, steps.dropFirst(), body)
    }
  }
}
