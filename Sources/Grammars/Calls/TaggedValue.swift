/// Reads a value between marks and rewrites it as JSON.
struct TaggedValue: Sendable {
  /// What a symbol is to the value.
  enum Verdict {
    /// It belongs to it, or to the mark at its end.
    case inside
    /// It completes the mark at its end.
    case last
    /// It cannot stand here.
    case malformed
  }

  private enum State: Sendable {
    /// Before its first symbol.
    case start
    /// A string as it is.
    case text
    /// A value whose kind shows at its end.
    case held
    /// An object or a list.
    case rewritten(ValueRewriter)
    /// After an object or a list.
    case over
  }

  private let kind: ToolSignature.Kind
  private let end: [Symbol]
  private var mark: [Symbol]
  private let hasLines: Bool
  private var state = State.start
  private var pending: [Symbol] = []
  /// Whether the first pending symbol is the line break before the value.
  private var dropsBreak = false
  private var text: [UInt8] = []
  /// The JSON that was written and not yet taken.
  var output: [UInt8] = []

  /// Begins after the mark before a value.
  init(kind: ToolSignature.Kind, end: [Symbol], hasLines: Bool) {
    self.kind = kind
    self.end = end
    self.hasLines = hasLines
    mark = end
  }

  /// Takes a symbol.
  mutating func take(_ symbol: Symbol) -> Verdict {
    switch state {
    case .start:
      if kind == .text { output.append(UInt8(ascii: "\"")) }
      state = kind == .text ? .text : .held
      if hasLines && symbol == 0x0A {
        // Only a line of its own ends what begins on one; an empty value may have no line.
        mark = [0x0A] + end
        dropsBreak = true
      }
      return takePlain(symbol)
    case .rewritten(var rewriter): return takeRewritten(symbol, &rewriter)
    case .text, .held, .over: return takePlain(symbol)
    }
  }

  private mutating func takePlain(_ symbol: Symbol) -> Verdict {
    pending.append(symbol)
    while !pending.isEmpty && !mark.starts(with: pending) {
      let first = pending.removeFirst()
      if dropsBreak {
        dropsBreak = false
      } else if let verdict = release(first) {
        return verdict
      }
    }
    guard pending.count == mark.count else { return .inside }
    endValue()
    return .last
  }

  /// Takes a symbol that is no part of the mark at the end; nil where the value goes on as it was.
  private mutating func release(_ symbol: Symbol) -> Verdict? {
    guard let byte = symbol.byte else { return .malformed }
    switch state {
    case .text: BareWord.append(byte, to: &output)
    case .over: return symbol.isSpace ? nil : .malformed
    default:
      if kind == .value && text.isEmpty {
        if symbol.isSpace { return nil }
        if symbol == Symbol(ascii: "{") || symbol == Symbol(ascii: "[") {
          var rewriter = ValueRewriter(.json)
          return takeRewritten(symbol, &rewriter)
        }
      }
      text.append(byte)
    }
    return nil
  }

  private mutating func takeRewritten(
    _ symbol: Symbol, _ rewriter: inout ValueRewriter
  ) -> Verdict {
    let verdict = rewriter.take(symbol)
    if case .malformed = verdict { rewriter.repair() }
    output += rewriter.output
    rewriter.output = []
    switch verdict {
    case .inside: state = .rewritten(rewriter)
    case .last:
      state = .over
      mark = end
    case .after, .malformed: return .malformed
    }
    return .inside
  }

  private mutating func endValue() {
    switch state {
    case .text: output.append(UInt8(ascii: "\""))
    case .over: break
    default: output += HeldValue.json(text)
    }
  }
}

/// A value that was held because only its end tells what it is.
enum HeldValue {
  /// The value as compact JSON if it is JSON or a constant of Python, and as a string otherwise.
  static func json(_ text: [UInt8]) -> [UInt8] {
    var rewriter = ValueRewriter(.json)
    var isOver = false
    for byte in text {
      if isOver {
        if Symbol(byte).isSpace { continue }
        return BareWord.string(text)
      }
      switch rewriter.take(Symbol(byte)) {
      case .inside: break
      case .last: isOver = true
      case .after: isOver = true
      case .malformed: return BareWord.string(text)
      }
    }
    if case .word = rewriter.state {
      rewriter.endWord()
      isOver = true
    }
    guard isOver, !rewriter.isBareString else { return BareWord.string(text) }
    return rewriter.output
  }
}
