/// Reads a block of calls, symbol by symbol.
struct CallReader: Sendable {
  /// Where reading begins.
  enum Entry: Sendable {
    /// After the mark of the block.
    case block
    /// After the bracket of a list.
    case list
    /// After the mark of a call.
    case call
    /// After the brace of an object.
    case object
  }

  /// What a symbol is to the block.
  enum Verdict {
    /// It belongs to it.
    case inside
    /// It is the block's last.
    case last
    /// The block ended before these symbols.
    case after([Symbol])
    /// This is no call, and none was before it.
    case failed
  }

  /// What comes next.
  enum State: Sendable {
    case listBegin, callBegin
    case object(ObjectReader)
    case name
    case afterName(Expectation)
    case id(Expectation)
    case arguments(JSONSpan, hasBegun: Bool)
    case member(Expectation)
    case key
    case keyEnd(Expectation)
    case value(TaggedValue)
    case rewritten(ValueRewriter)
    case callEnd(Expectation)
    case between(Expectation)
    case listEnd(Expectation)
    /// A malformed call; its end is looked for.
    case lost([Symbol])
  }

  let format: CompiledFormat
  /// Whether names of unknown tools count, since the mark cannot be text.
  let takesAnyName: Bool
  /// Whether no mark tells that this is a call, only its name.
  let isUnmarked: Bool
  var state = State.listBegin
  var name: [UInt8] = []
  var id: [UInt8] = []
  var tool: ToolSignature?
  /// The name of the argument that is being read, and those before it.
  var key: [UInt8] = []
  var keys: Set<[UInt8]> = []
  var expectation = Expectation([])
  /// Whether a call of this block was reported.
  private(set) var isCommitted = false
  /// Whether the latest call was reported and is not over.
  private(set) var isOpen = false

  /// Begins after a mark.
  init(_ format: CompiledFormat, entry: Entry, takesAnyName: Bool) {
    self.format = format
    self.takesAnyName = takesAnyName
    isUnmarked =
      switch entry {
      case .list, .object: true
      case .block, .call: false
      }
    switch entry {
    case .block: state = format.format.isList ? .listBegin : .callBegin
    case .list: state = .callBegin
    case .call: state = body
    case .object: state = .object(ObjectReader(hasBegun: true, isKeyed: false))
    }
    if case .callBegin = state { beginCall() }
  }

  /// Takes a symbol.
  mutating func take(_ symbol: Symbol, _ sink: inout EventSink) -> Verdict {
    switch state {
    case .listBegin:
      if symbol.isSpace { return .inside }
      guard symbol == Symbol(ascii: "[") else { return miss([symbol], &sink) }
      beginCall()
      return .inside
    case .callBegin: return takeCallBegin(symbol, &sink)
    case .object(let reader) where reader.isBefore && mayBeMethod(symbol):
      state = .name
      return takeHead(symbol, &sink)
    case .object(var reader):
      let verdict = reader.take(symbol, &self, &sink)
      return takeObject(verdict, reader, symbol, &sink)
    case .name, .afterName, .id: return takeHead(symbol, &sink)
    case .arguments(var span, let hasBegun):
      return takeArguments(symbol, &span, hasBegun: hasBegun, &sink)
    case .member, .key, .keyEnd, .value: return takeTagged(symbol, &sink)
    case .rewritten(var rewriter): return takeRewritten(symbol, &rewriter, &sink)
    case .callEnd, .between, .listEnd: return takeTail(symbol, &sink)
    case .lost(let held): return takeLost(symbol, held, &sink)
    }
  }

  /// What a call is read with after its mark.
  var body: State {
    switch format.format.body {
    case .object: .object(ObjectReader(hasBegun: false, isKeyed: false))
    case .keyed: .object(ObjectReader(hasBegun: false, isKeyed: true))
    default: .name
    }
  }

  /// Prepares for the mark of a call, or for the call where it has none.
  mutating func beginCall() {
    name = []
    id = []
    keys = []
    tool = nil
    expectation = Expectation([format.callBegin])
    state = format.callBegin.isEmpty ? body : .callBegin
  }

  private mutating func takeCallBegin(_ symbol: Symbol, _ sink: inout EventSink) -> Verdict {
    switch expectation.take(symbol) {
    case .waiting: break
    case .matched: state = body
    case .missed(let symbols): return miss(symbols, &sink)
    }
    return .inside
  }
}

// MARK: - Reporting

extension CallReader {
  /// Reports the call if its name counts; says whether it does.
  mutating func commit(_ sink: inout EventSink) -> Bool {
    let text = String(decoding: name, as: UTF8.self)
    tool = format.tools[name]
    guard tool != nil || (takesAnyName && !name.isEmpty) else { return false }
    sink.beginCall(id: id.isEmpty ? nil : String(decoding: id, as: UTF8.self), name: text)
    isCommitted = true
    isOpen = true
    return true
  }

  /// Reports the end of the call's arguments, and waits for the call's end.
  mutating func endCall(_ sink: inout EventSink) {
    if isOpen { sink.endCall(isComplete: true) }
    isOpen = false
    if format.callEnd.isEmpty {
      waitBetween()
    } else {
      state = .callEnd(Expectation([format.callEnd]))
    }
  }

  /// Leaves a call that cannot go on.
  ///
  /// Before anything was reported the text is no call. Later the rest of it is passed over.
  mutating func miss(_ symbols: [Symbol], _ sink: inout EventSink) -> Verdict {
    guard isCommitted else { return .failed }
    guard isOpen else { return .after(symbols) }
    sink.endCall(isComplete: false)
    isOpen = false
    state = .lost([])
    for symbol in symbols {
      if case .inside = take(symbol, &sink) { continue }
      return .last
    }
    return .inside
  }

  /// Ends what is open when the answer ends.
  mutating func finish(isCut: Bool, _ sink: inout EventSink) {
    guard isOpen else { return }
    var isComplete = false
    switch state {
    case .member where !isCut:
      sink.putArgument(UInt8(ascii: "}"))
      isComplete = true
    case .object(let reader): isComplete = reader.hasArguments
    default: break
    }
    sink.endCall(isComplete: isComplete)
    isOpen = false
  }

  private mutating func takeLost(
    _ symbol: Symbol, _ held: [Symbol], _ sink: inout EventSink
  ) -> Verdict {
    var held = held + [symbol]
    let marks = [format.end, format.callEnd].filter { !$0.isEmpty }
    while !held.isEmpty {
      if let mark = marks.first(where: { $0 == held }) {
        if mark == format.end { return .last }
        waitBetween()
        return .inside
      }
      if marks.contains(where: { $0.starts(with: held) }) { break }
      if symbol.byte == nil && held == [symbol] { return .after([symbol]) }
      held.removeFirst()
    }
    state = .lost(held)
    return .inside
  }
}

// MARK: - Between calls

extension CallReader {
  /// Waits for another call or the end of the block.
  mutating func waitBetween() {
    state = .between(
      Expectation([format.end, format.callBegin, [Symbol(ascii: "]")], [Symbol(ascii: "{")]]))
  }

  mutating func takeTail(_ symbol: Symbol, _ sink: inout EventSink) -> Verdict {
    switch state {
    case .callEnd(var expectation):
      switch expectation.take(symbol) {
      case .waiting: state = .callEnd(expectation)
      case .matched: waitBetween()
      case .missed(let symbols): return recover(symbols, &sink)
      }
    case .listEnd(var expectation):
      switch expectation.take(symbol) {
      case .waiting: state = .listEnd(expectation)
      case .matched: return .last
      case .missed(let symbols): return .after(symbols)
      }
    case .between(var expectation): return takeBetween(symbol, &expectation, &sink)
    default: break
    }
    return .inside
  }

  /// Goes on where the mark after a call is missing.
  private mutating func recover(_ symbols: [Symbol], _ sink: inout EventSink) -> Verdict {
    waitBetween()
    for (index, symbol) in symbols.enumerated() {
      switch take(symbol, &sink) {
      case .inside: continue
      case .last: return .last
      case .after(let rest): return .after(rest + symbols[(index + 1)...])
      case .failed: return .failed
      }
    }
    return .inside
  }

  private mutating func takeBetween(
    _ symbol: Symbol, _ expectation: inout Expectation, _ sink: inout EventSink
  ) -> Verdict {
    switch expectation.take(symbol) {
    case .waiting: state = .between(expectation)
    case .matched(0): return .last
    case .matched(1):
      beginCall()
      state = body
    case .matched(2) where format.format.isList:
      if format.end.isEmpty { return .last }
      state = .listEnd(Expectation([format.end]))
    case .matched(3) where isObject && format.callBegin.isEmpty:
      beginCall()
      return take(symbol, &sink)
    case .matched: return .after([symbol])
    case .missed(let symbols):
      guard symbols.count == 1, format.separators.contains(symbol) else { return .after(symbols) }
      if format.format.isList || format.callBegin.isEmpty && isObject {
        beginCall()
      } else {
        waitBetween()
      }
    }
    return .inside
  }

  private var isObject: Bool {
    switch format.format.body {
    case .object, .keyed: true
    default: false
    }
  }
}
