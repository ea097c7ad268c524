/// Divides an answer into thinking, text and calls of tools while it is written.
///
/// It is a machine that takes bytes and control tokens one after the other, so that an answer is divided
/// in the same way however it comes in pieces. It holds back what may be a mark, and white space that is
/// dropped before a mark.
///
/// ```swift
/// var parser = AnswerParser(.hermes, tools: tools, controlTokens: ["<tool_call>", "</tool_call>"])
/// var events = parser.take(text: "Let me see.\n".utf8)
/// events += parser.take(control: "<tool_call>")
/// events += parser.finish(isCut: false)
/// ```
/// - Complexity: O(n) in the length of the answer.
package struct AnswerParser: Sendable {
  /// Where the answer stands.
  enum Mode: Sendable {
    /// Before the answer's text.
    case lead
    case reasoning, content
    case call(CallReader)
    /// After a call; text is passed over.
    case between
    /// In a format with headers.
    case parts(PartReader)
  }

  let format: CompiledFormat
  var sink = EventSink()
  var mode = Mode.lead
  /// White space that is dropped if a mark follows.
  var space: [Symbol] = []
  /// What may be a mark, or a call whose name is not known yet.
  var pending: [Symbol] = []
  /// What is to be read, the next symbol last.
  private var backlog: [Symbol] = []
  /// Whether nothing but white space stands before on the line.
  var isLineStart = true
  /// Whether white space is dropped whatever follows.
  var dropsSpace = false

  /// Begins an answer.
  ///
  /// - Parameters:
  ///   - format: How the model writes.
  ///   - tools: The tools that it may call.
  ///   - controlTokens: The texts of the vocabulary's control tokens; marks that spell one count only
  ///     as that token.
  ///   - isThinking: Whether the prompt has opened the thinking.
  package init(
    _ format: CallFormat, tools: [ToolSignature], controlTokens: Set<String> = [],
    isThinking: Bool = false
  ) {
    self.format = CompiledFormat(format, tools: tools, controlTokens: controlTokens)
    switch format.layout {
    case .blocks: if isThinking { mode = .reasoning }
    case .channels: mode = .parts(PartReader(channelsOf: self.format))
    case .recipients: mode = .parts(PartReader(recipientsOf: self.format))
    }
    dropsSpace = isThinking
  }

  /// Takes bytes of text.
  package mutating func take(text bytes: some Sequence<UInt8>) -> [AnswerEvent] {
    for byte in bytes { take(Symbol(byte)) }
    return sink.drain(all: false)
  }

  /// Takes a control token by its text.
  package mutating func take(control text: String) -> [AnswerEvent] {
    take(format.table.symbol(ofControl: text))
    return sink.drain(all: false)
  }

  /// Ends the answer; `isCut` says that a limit ended it, not the model.
  package mutating func finish(isCut: Bool) -> [AnswerEvent] {
    switch mode {
    case .call(var reader):
      if reader.isCommitted {
        reader.finish(isCut: isCut, &sink)
      } else if !isCut || reader.isUnmarked {
        mode = hasCalls ? .between : .content
        releaseAll()
      }
    case .parts(var reader): reader.finish(isCut: isCut, &sink)
    default: releaseAll()
    }
    space = []
    pending = []
    mode = .between
    return sink.drain(all: true)
  }

  /// Whether the answer has called a tool.
  package var hasCalls: Bool { sink.callCount > 0 }

  private mutating func take(_ symbol: Symbol) {
    backlog.append(symbol)
    while let next = backlog.popLast() {
      switch mode {
      case .call(var reader): takeCall(next, &reader)
      case .parts(var reader):
        mode = .between
        reader.take(next, &sink)
        mode = .parts(reader)
      default: scan(next)
      }
    }
  }

  /// Puts symbols back, to be read next.
  private mutating func putBack(_ symbols: some BidirectionalCollection<Symbol>) {
    backlog += symbols.reversed()
  }
}

// MARK: - Text

extension AnswerParser {
  private mutating func scan(_ symbol: Symbol) {
    if pending.isEmpty && symbol.isSpace {
      space.append(symbol)
      if symbol == 0x0A { isLineStart = true }
      return
    }
    pending.append(symbol)
    var mayFollow = false
    for mark in format.marks where mark.symbols.starts(with: pending) && counts(mark.meaning) {
      if mark.symbols.count == pending.count { return enter(mark.meaning) }
      mayFollow = true
    }
    if !mayFollow { releaseFirst() }
  }

  /// Whether a mark of this meaning counts here.
  private func counts(_ meaning: CompiledFormat.Mark.Meaning) -> Bool {
    switch (meaning, mode) {
    case (.thinkingClose, .reasoning), (.thinkingOpen, .lead): true
    case (.thinkingOpen, .reasoning): dropsSpace
    case (.thinkingClose, _), (.thinkingOpen, _), (.textMark, .reasoning): false
    case (.textMark, _): true
    case (.opener(let opener), .reasoning): opener.isControl
    case (.opener(let opener), _): isLineStart || !opener.needsLineStart
    }
  }

  private mutating func enter(_ meaning: CompiledFormat.Mark.Meaning) {
    switch meaning {
    case .thinkingOpen:
      mode = .reasoning
      dropsSpace = true
    case .thinkingClose:
      mode = .lead
      isLineStart = true
      dropsSpace = true
    case .textMark: dropsSpace = true
    case .opener(let opener):
      let reader = CallReader(format, entry: opener.entry, takesAnyName: opener.isControl)
      mode = .call(reader)
      return
    }
    pending = []
    space = []
  }

  /// Shows the first symbol of what is no mark, and reads the others once more.
  private mutating func releaseFirst() {
    let rest = pending.dropFirst()
    releaseSpace()
    if let first = pending.first { release(first) }
    pending = []
    putBack(rest)
  }

  private mutating func releaseSpace() {
    let symbols = space
    space = []
    if dropsSpace { return }
    for symbol in symbols { release(symbol) }
  }

  private mutating func releaseAll() {
    releaseSpace()
    for symbol in pending { release(symbol) }
  }

  private mutating func release(_ symbol: Symbol) {
    isLineStart = false
    guard let byte = symbol.byte else { return }
    dropsSpace = false
    switch mode {
    case .reasoning: sink.put(byte, to: .reasoning)
    case .between: break
    default:
      mode = .content
      sink.put(byte, to: .content)
    }
  }
}

// MARK: - Calls

extension AnswerParser {
  /// Symbols of an attempted call that are read again as text, where there may be another call within.
  private static let retryLimit = 512

  private mutating func takeCall(_ symbol: Symbol, _ reader: inout CallReader) {
    mode = .between
    if !reader.isCommitted { pending.append(symbol) }
    let wasText = !sink.hasCalls
    switch reader.take(symbol, &sink) {
    case .inside: mode = .call(reader)
    case .last: endBlock()
    case .after(let rest):
      endBlock()
      putBack(rest)
      return
    case .failed: return fail(wasText: wasText)
    }
    if reader.isCommitted {
      pending = []
      space = []
    }
  }

  private mutating func endBlock() {
    mode = .between
    pending = []
    space = []
    isLineStart = true
  }

  /// Shows as text what began like a call.
  private mutating func fail(wasText: Bool) {
    mode = wasText ? .content : .between
    if pending.count > Self.retryLimit {
      releaseAll()
      pending = []
    } else {
      releaseFirst()
    }
  }
}
