import JSON

extension CallReader {
  /// Reports a call whose arguments are between marks, and goes on after the mark that follows its name.
  mutating func beginTagged(_ index: Int, _ sink: inout EventSink) -> Verdict {
    guard commit(&sink) else { return miss([], &sink) }
    sink.putArgument(UInt8(ascii: "{"))
    switch index {
    case 1: beginKey()
    case 2: return endTagged(&sink)
    default: waitForMember()
    }
    return .inside
  }

  /// Takes a symbol between the name and the end of such a call.
  mutating func takeTagged(_ symbol: Symbol, _ sink: inout EventSink) -> Verdict {
    switch state {
    case .member(var expectation):
      switch expectation.take(symbol) {
      case .waiting: state = .member(expectation)
      case .matched(0): beginKey()
      case .matched: return endTagged(&sink)
      case .missed(let symbols): return miss(symbols, &sink)
      }
    case .key: return takeKey(symbol, &sink)
    case .keyEnd(var expectation): return takeKeyEnd(symbol, &expectation, &sink)
    case .value(var value): return takeValue(symbol, &value, &sink)
    default: break
    }
    return .inside
  }

  private var memberEnd: [Symbol] { format.callEnd.isEmpty ? format.end : format.callEnd }

  private mutating func waitForMember() {
    state = .member(Expectation([format.tags?.keyBegin ?? [], memberEnd]))
  }

  private mutating func beginKey() {
    key = []
    state = .key
  }

  /// Closes the arguments after the mark at the end of the call.
  private mutating func endTagged(_ sink: inout EventSink) -> Verdict {
    sink.putArgument(UInt8(ascii: "}"))
    endCall(&sink)
    if format.callEnd.isEmpty { return .last }
    waitBetween()
    return .inside
  }

  private mutating func takeKey(_ symbol: Symbol, _ sink: inout EventSink) -> Verdict {
    let ends = (format.tags?.keyEnds ?? []).map { $0.mark }
    if ends.contains(where: { $0.first == symbol }) && !key.isEmpty {
      state = .keyEnd(Expectation(ends))
      return takeTagged(symbol, &sink)
    }
    guard let byte = symbol.byte, !symbol.isSpace, key.count < Self.keyLimit else {
      return miss([symbol], &sink)
    }
    key.append(byte)
    return .inside
  }

  /// Bytes of an argument's name.
  private static let keyLimit = 256

  private mutating func takeKeyEnd(
    _ symbol: Symbol, _ expectation: inout Expectation, _ sink: inout EventSink
  ) -> Verdict {
    switch expectation.take(symbol) {
    case .waiting: state = .keyEnd(expectation)
    case .matched(let index): beginValue(isText: format.tags?.keyEnds[index].isText ?? nil, &sink)
    case .missed(let symbols): return miss(symbols, &sink)
    }
    return .inside
  }

  private mutating func beginValue(isText: Bool?, _ sink: inout EventSink) {
    let declared = tool?.kinds[ExactText(String(decoding: key, as: UTF8.self))] ?? .either
    let kind = isText.map { $0 ? ToolSignature.Kind.text : .value } ?? declared
    if !keys.contains(key) {
      if !keys.isEmpty { sink.putArgument(UInt8(ascii: ",")) }
      for byte in BareWord.string(key) { sink.putArgument(byte) }
      sink.putArgument(UInt8(ascii: ":"))
    }
    state = .value(
      TaggedValue(
        kind: kind, end: format.tags?.valueEnd ?? [], hasLines: format.tags?.hasLines ?? false))
  }

  private mutating func takeValue(
    _ symbol: Symbol, _ value: inout TaggedValue, _ sink: inout EventSink
  ) -> Verdict {
    let verdict = value.take(symbol)
    if !keys.contains(key) { for byte in value.output { sink.putArgument(byte) } }
    value.output = []
    switch verdict {
    case .inside: state = .value(value)
    case .last:
      keys.insert(key)
      waitForMember()
    case .malformed: return miss([symbol], &sink)
    }
    return .inside
  }
}
