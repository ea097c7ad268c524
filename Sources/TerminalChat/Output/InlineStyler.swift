/// Shows emphasis and code within a line.
///
/// A mark is held back until what it opens is closed, or cannot be any more.
struct InlineStyler: Sendable {
  /// What stands at the beginning of what is held back.
  private enum Find {
    /// More is needed to tell.
    case undecided
    /// So many characters mean nothing.
    case plain(Int)
    /// A span of a length, whose text is shown in a style; code and escaped marks have no marks within.
    case span(length: Int, text: Range<Int>, style: TextStyle, hasMarks: Bool)
  }

  /// Characters that are held back at most.
  private static let limit = 400
  /// Spans within each other that are found.
  private static let depthLimit = 8
  private let depth: Int
  private var held: [Unicode.Scalar] = []
  /// The character before what is held back.
  private var previous: Unicode.Scalar?

  /// Begins a line, or the text of a span.
  init(depth: Int = 0) {
    self.depth = depth
  }

  /// Takes a character of the line.
  mutating func take(_ scalar: Unicode.Scalar, _ style: TextStyle, _ output: inout StyledText) {
    guard !held.isEmpty || scalar.isMark else {
      previous = scalar
      return output.put(scalar, style)
    }
    held.append(scalar)
    settle(isEnd: held.count > Self.limit, style, &output)
  }

  /// Ends the line.
  mutating func finish(_ style: TextStyle, _ output: inout StyledText) {
    settle(isEnd: true, style, &output)
    previous = nil
  }

  private mutating func settle(isEnd: Bool, _ style: TextStyle, _ output: inout StyledText) {
    var text = held[...]
    while let first = text.first {
      let find = first.isMark && depth < Self.depthLimit ? find(in: text, isEnd) : .plain(1)
      switch find {
      case .undecided:
        held = Array(text)
        return
      case .plain(let count):
        for scalar in text.prefix(count) { output.put(scalar, style) }
        previous = text.prefix(count).last
        text = text.dropFirst(count)
      case .span(let length, let range, let own, let hasMarks):
        show(text[range], style.union(own), hasMarks: hasMarks, &output)
        previous = text.prefix(length).last
        text = text.dropFirst(length)
      }
    }
    held = []
  }

  private func show(
    _ text: ArraySlice<Unicode.Scalar>, _ style: TextStyle, hasMarks: Bool,
    _ output: inout StyledText
  ) {
    guard hasMarks else {
      for scalar in text { output.put(scalar, style) }
      return
    }
    var inner = InlineStyler(depth: depth + 1)
    for scalar in text { inner.take(scalar, style, &output) }
    inner.finish(style, &output)
  }
}

// MARK: - Marks

extension InlineStyler {
  private func find(in text: ArraySlice<Unicode.Scalar>, _ isEnd: Bool) -> Find {
    let start = text.startIndex
    let mark = text[start]
    if mark == "\\" {
      guard let next = text.dropFirst().first else { return isEnd ? .plain(1) : .undecided }
      let isEscape = next == "*" || next == "_" || next == "`" || next == "#"
      return isEscape
        ? .span(length: 2, text: (start + 1)..<(start + 2), style: [], hasMarks: false) : .plain(1)
    }
    let count = text.prefix { $0 == mark }.count
    guard count < text.count || isEnd else { return .undecided }
    if mark == "`" { return findCode(in: text, count, isEnd) }
    return findEmphasis(in: text, count, isEnd)
  }

  /// Finds code between two runs of back quotes that are equally long.
  private func findCode(
    in text: ArraySlice<Unicode.Scalar>, _ count: Int, _ isEnd: Bool
  ) -> Find {
    var place = text.startIndex + count
    while place < text.endIndex {
      let run = text[place...].prefix { $0 == "`" }.count
      if run == count, place + run < text.endIndex || isEnd {
        var inner = (text.startIndex + count)..<place
        if inner.count > 2, text[inner.lowerBound] == " ", text[inner.upperBound - 1] == " " {
          inner = (inner.lowerBound + 1)..<(inner.upperBound - 1)
        }
        return .span(
          length: place + run - text.startIndex, text: inner, style: .code, hasMarks: false)
      }
      place += max(1, run)
    }
    return isEnd ? .plain(count) : .undecided
  }

  /// Finds what stands between two equal marks of emphasis, code passed over.
  private func findEmphasis(
    in text: ArraySlice<Unicode.Scalar>, _ count: Int, _ isEnd: Bool
  ) -> Find {
    let (mark, first) = (text[text.startIndex], text.startIndex + count)
    guard count <= 3, first < text.endIndex, !text[first].properties.isWhitespace,
      mark == "*" || !(previous?.isOfWord ?? false)
    else { return .plain(count) }
    var place = first
    while place < text.endIndex {
      if text[place] == "`" {
        place = endOfCode(in: text, at: place)
        continue
      }
      let run = text[place...].prefix { $0 == mark }.count
      let end = place + run
      if run == count, place > first, !text[place - 1].properties.isWhitespace {
        if end == text.endIndex, !isEnd { return .undecided }
        if mark == "*" || end == text.endIndex || !text[end].isOfWord {
          return .span(
            length: end - text.startIndex, text: first..<place, style: Self.styles[count - 1],
            hasMarks: true)
        }
      }
      place += max(1, run)
    }
    return isEnd ? .plain(count) : .undecided
  }

  private static let styles: [TextStyle] = [.italic, .bold, [.bold, .italic]]

  /// The place behind code that begins at a place, or behind the run of back quotes where it is none.
  private func endOfCode(in text: ArraySlice<Unicode.Scalar>, at start: Int) -> Int {
    let count = text[start...].prefix { $0 == "`" }.count
    if case .span(let length, _, _, _) = findCode(in: text[start...], count, true) {
      return start + length
    }
    return start + count
  }
}

extension Unicode.Scalar {
  /// Whether it may open a span.
  fileprivate var isMark: Bool { self == "*" || self == "_" || self == "`" || self == "\\" }

  /// Whether it is part of a word, within which `_` is no mark.
  fileprivate var isOfWord: Bool { properties.isAlphabetic || properties.numericType != nil }
}
