/// Shows Markdown in a terminal while it is written.
///
/// Headings are bold, marks of lists are bullets, emphasis and code have styles in the place of their
/// marks. Fenced code stays as it is, without a frame or an indent, so that it can be copied. What is no
/// Markdown, or not closed on its line, is shown as it was written. The result is the same however the
/// text comes in pieces.
///
/// What a terminal might obey must be spelled out before.
package struct MarkdownStyler: Sendable {
  private enum Line: Sendable {
    /// What the line is, is not known yet.
    case undecided
    case text(TextStyle)
    /// The line that opens or closes fenced code.
    case fence
    case code
  }

  private struct Fence: Sendable {
    let mark: Unicode.Scalar
    let length: Int
  }

  private var line = Line.undecided
  /// The beginning of a line that is not known yet.
  private var beginning: [Unicode.Scalar] = []
  /// What opened the fenced code that the line stands in.
  private var fence: Fence?
  private var inline = InlineStyler()
  private var output = StyledText()

  /// Creates a styler at the beginning of a text.
  package init() {}

  /// Takes a piece of the text and returns what a terminal is shown.
  package mutating func take(_ text: String) -> String {
    for scalar in text.unicodeScalars { take(scalar) }
    return output.drain()
  }

  /// Ends the text and returns what was held back.
  package mutating func finish() -> String {
    endLine()
    return output.drain()
  }

  private mutating func take(_ scalar: Unicode.Scalar) {
    if scalar == "\n" {
      endLine()
      return output.put("\n", [])
    }
    switch line {
    case .undecided:
      beginning.append(scalar)
      decide(isEnd: false)
    case .text(let style): inline.take(scalar, style, &output)
    case .fence: output.put(scalar, .dim)
    case .code: output.put(scalar, .code)
    }
  }

  private mutating func endLine() {
    if case .undecided = line { decide(isEnd: true) }
    if case .text(let style) = line { inline.finish(style, &output) }
    line = .undecided
    beginning = []
  }
}

// MARK: - Beginnings of lines

extension MarkdownStyler {
  private mutating func decide(isEnd: Bool) {
    let indent = beginning.prefix { $0 == " " }.count
    let rest = beginning[indent...]
    guard let first = rest.first else {
      if isEnd { begin(fence == nil ? .text([]) : .code, dropping: 0) }
      return
    }
    let run = rest.prefix { $0 == first }.count
    let isWhole = run < rest.count || isEnd
    if let fence {
      decide(in: fence, run: first == fence.mark ? run : 0, after: rest.dropFirst(run), isEnd)
      return
    }
    switch first {
    case "`", "~":
      if run >= 3, isWhole {
        fence = Fence(mark: first, length: run)
        begin(.fence, dropping: 0)
      } else if isWhole {
        begin(.text([]), dropping: 0)
      }
    case "#":
      if isWhole { decideHeading(level: run, after: rest.dropFirst(run).first) }
    case "-", "+", "*":
      guard rest.count > 1 else { return isEnd ? begin(.text([]), dropping: 0) : () }
      let isItem = rest[rest.startIndex + 1] == " "
      if isItem { beginning[indent] = "•" }
      begin(.text([]), dropping: 0)
    default: begin(.text([]), dropping: 0)
    }
  }

  /// Decides what a line in fenced code is: more of it, unless it is as long a run of the same mark.
  private mutating func decide(
    in fence: Fence, run: Int, after rest: ArraySlice<Unicode.Scalar>, _ isEnd: Bool
  ) {
    let mayClose = run > 0 && rest.allSatisfy { $0 == " " }
    if !mayClose {
      begin(.code, dropping: 0)
    } else if isEnd {
      begin(run >= fence.length ? .fence : .code, dropping: 0)
      if run >= fence.length { self.fence = nil }
    }
  }

  private mutating func decideHeading(level: Int, after next: Unicode.Scalar?) {
    guard level <= 6, next == " " else { return begin(.text([]), dropping: 0) }
    begin(.text(level == 1 ? [.bold, .underlined] : .bold), dropping: beginning.count)
  }

  /// Shows the beginning of a line that is known now.
  private mutating func begin(_ kind: Line, dropping count: Int) {
    line = kind
    let shown = beginning.dropFirst(count)
    beginning = []
    for scalar in shown { take(scalar) }
  }
}
