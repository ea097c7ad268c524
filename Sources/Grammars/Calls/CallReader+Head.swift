extension CallReader {
  /// Bytes of a tool's name.
  static let nameLimit = 128

  static func isName(_ symbol: Symbol) -> Bool {
    switch symbol {
    case Symbol(ascii: "a")...Symbol(ascii: "z"), Symbol(ascii: "A")...Symbol(ascii: "Z"),
      Symbol(ascii: "0")...Symbol(ascii: "9"),
      Symbol(ascii: "_"), Symbol(ascii: "-"), Symbol(ascii: "."), Symbol(ascii: ":"),
      Symbol(ascii: "/"):
      true
    default: false
    }
  }

  /// Takes a symbol of a name before the arguments, or of what follows it.
  mutating func takeHead(_ symbol: Symbol, _ sink: inout EventSink) -> Verdict {
    switch state {
    case .name:
      if name.isEmpty && symbol.isSpace { return .inside }
      if let byte = symbol.byte, Self.isName(symbol) {
        guard name.count < Self.nameLimit else { return miss([symbol], &sink) }
        name.append(byte)
        return .inside
      }
      guard !name.isEmpty else { return miss([symbol], &sink) }
      state = .afterName(Expectation(marksAfterName))
      return takeHead(symbol, &sink)
    case .afterName(var expectation):
      switch expectation.take(symbol) {
      case .waiting: state = .afterName(expectation)
      case .matched(let index): return endName(markAfterName: index, symbol, &sink)
      case .missed(let symbols): return miss(symbols, &sink)
      }
    case .id(var expectation): return takeID(symbol, &expectation, &sink)
    default: break
    }
    return .inside
  }

  private var marksAfterName: [[Symbol]] {
    switch format.format.body {
    case .named(let call):
      [call.argumentsMark, call.idMark ?? ""].map(format.table.symbols(of:))
    case .tagged:
      // Where nothing ends a name, what follows it does.
      if let end = format.tags?.nameEnd, !end.isEmpty {
        [end]
      } else {
        [[], format.tags?.keyBegin ?? [], format.callEnd.isEmpty ? format.end : format.callEnd]
      }
    case .python, .object: [[Symbol(ascii: "(")]]
    case .braces: [[Symbol(ascii: "{")]]
    case .keyed: []
    }
  }

  private mutating func endName(
    markAfterName index: Int, _ symbol: Symbol, _ sink: inout EventSink
  ) -> Verdict {
    switch format.format.body {
    case .named(let call):
      if index == 1 {
        state = .id(Expectation([format.table.symbols(of: call.argumentsMark)]))
        return .inside
      }
      if call.nameIsID { separateID() }
      return beginArguments(&sink)
    case .tagged: return beginTagged(index, &sink)
    case .python: return beginRewriting(.python, symbol, &sink)
    case .braces(let quote):
      return beginRewriting(.gemma(quote: format.table.symbols(of: quote)), symbol, &sink)
    case .object:
      guard dropMethod() else { return miss([symbol], &sink) }
      return beginRewriting(.python, symbol, &sink)
    case .keyed: return miss([symbol], &sink)
    }
  }

  /// Whether a symbol in the place of an object begins the name of a tool whose method is called.
  func mayBeMethod(_ symbol: Symbol) -> Bool {
    format.format.method != nil && Self.isName(symbol)
  }

  /// Takes the method off the name; false where it has none.
  private mutating func dropMethod() -> Bool {
    guard let method = format.format.method?.utf8,
      name.count > method.count, name.suffix(method.count).elementsEqual(method)
    else { return false }
    name.removeLast(method.count)
    return true
  }

  /// Takes the name out of `functions.N:i`.
  private mutating func separateID() {
    id = name
    let prefix = Array("functions.".utf8)
    if name.starts(with: prefix) { name.removeFirst(prefix.count) }
    guard let colon = name.lastIndex(of: UInt8(ascii: ":")), colon + 1 < name.count,
      name[(colon + 1)...].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return }
    name.removeSubrange(colon...)
  }

  private mutating func takeID(
    _ symbol: Symbol, _ expectation: inout Expectation, _ sink: inout EventSink
  ) -> Verdict {
    switch expectation.take(symbol) {
    case .waiting: state = .id(expectation)
    case .matched: return beginArguments(&sink)
    case .missed(let symbols):
      for symbol in symbols {
        guard let byte = symbol.byte, Self.isName(symbol), id.count < Self.nameLimit else {
          return miss(symbols, &sink)
        }
        id.append(byte)
      }
      state = .id(Expectation(marksAfterName.dropLast()))
    }
    return .inside
  }

  private mutating func beginArguments(_ sink: inout EventSink) -> Verdict {
    guard commit(&sink) else { return miss([], &sink) }
    state = .arguments(JSONSpan(), hasBegun: false)
    return .inside
  }

  private mutating func beginRewriting(
    _ dialect: ValueDialect, _ symbol: Symbol, _ sink: inout EventSink
  ) -> Verdict {
    guard commit(&sink) else { return miss([], &sink) }
    var rewriter = ValueRewriter(dialect)
    return takeRewritten(symbol, &rewriter, &sink)
  }

  /// Takes a symbol of arguments that are passed on as they are.
  mutating func takeArguments(
    _ symbol: Symbol, _ span: inout JSONSpan, hasBegun: Bool, _ sink: inout EventSink
  ) -> Verdict {
    if !hasBegun {
      if symbol.isSpace { return .inside }
      guard symbol == Symbol(ascii: "{") else {
        for byte in "{}".utf8 { sink.putArgument(byte) }
        endCall(&sink)
        return take(symbol, &sink)
      }
    }
    let verdict = span.take(symbol)
    if case .after = verdict { return miss([symbol], &sink) }
    if let byte = symbol.byte { sink.putArgument(byte) }
    if case .last = verdict {
      endCall(&sink)
    } else {
      state = .arguments(span, hasBegun: true)
    }
    return .inside
  }

  /// Takes a symbol of arguments that are rewritten as a whole.
  mutating func takeRewritten(
    _ symbol: Symbol, _ rewriter: inout ValueRewriter, _ sink: inout EventSink
  ) -> Verdict {
    let verdict = rewriter.take(symbol)
    if case .malformed = verdict { rewriter.repair() }
    for byte in rewriter.output { sink.putArgument(byte) }
    rewriter.output = []
    switch verdict {
    case .inside: state = .rewritten(rewriter)
    case .last: endCall(&sink)
    case .after, .malformed: return miss([symbol], &sink)
    }
    return .inside
  }
}
