/// Reads a call that is a JSON object, with its members in any order.
struct ObjectReader: Sendable {
  /// What a symbol is to the object.
  enum Verdict {
    case inside, last, malformed
  }

  private enum Field: Sendable {
    case name, arguments, id, other
  }

  private enum State: Sendable {
    case brace, member
    case key([UInt8])
    case colon(Field)
    case value(Field)
    case string(Field, [UInt8])
    case span(Field, JSONSpan)
    case comma
  }

  private var state: State
  private let isKeyed: Bool
  /// Whether the name must come first, since no mark tells that this is a call.
  private let isStrict: Bool
  private var seen: Set<[UInt8]> = []
  /// Arguments that were written before the name.
  private var early: [UInt8] = []
  private var isNamed = false
  /// Whether the arguments are complete.
  private(set) var hasArguments = false

  /// Begins before the brace of an object or, where no mark was before it, after it.
  init(hasBegun: Bool, isKeyed: Bool) {
    state = hasBegun ? .member : .brace
    isStrict = hasBegun
    self.isKeyed = isKeyed
  }

  /// Whether its brace has not come yet.
  var isBefore: Bool { if case .brace = state { true } else { false } }

  /// Takes a symbol.
  mutating func take(
    _ symbol: Symbol, _ call: inout CallReader, _ sink: inout EventSink
  ) -> Verdict {
    guard let byte = symbol.byte else { return .malformed }
    switch state {
    case .key(let bytes): return takeKey(byte, bytes, &call, &sink)
    case .string(let field, let bytes): return takeString(byte, field, bytes, &call, &sink)
    case .span(let field, var span): return takeSpan(symbol, field, &span, &call, &sink)
    default:
      return symbol.isSpace ? .inside : takeStructure(symbol, byte, &call, &sink)
    }
  }

  private mutating func takeStructure(
    _ symbol: Symbol, _ byte: UInt8, _ call: inout CallReader, _ sink: inout EventSink
  ) -> Verdict {
    switch (state, byte) {
    case (.brace, UInt8(ascii: "{")): state = .member
    case (.member, UInt8(ascii: "\"")): state = .key([])
    case (.colon(let field), UInt8(ascii: ":")): state = .value(field)
    case (.value(let field), _): return beginValue(symbol, field, &call, &sink)
    case (.comma, UInt8(ascii: ",")): state = .member
    case (.comma, UInt8(ascii: "}")):
      guard isNamed else { return .malformed }
      if !hasArguments {
        for byte in "{}".utf8 { sink.putArgument(byte) }
        hasArguments = true
      }
      return .last
    default: return .malformed
    }
    return .inside
  }

  private mutating func takeKey(
    _ byte: UInt8, _ bytes: [UInt8], _ call: inout CallReader, _ sink: inout EventSink
  ) -> Verdict {
    guard byte == UInt8(ascii: "\"") else {
      guard byte != UInt8(ascii: "\\"), bytes.count < CallReader.nameLimit else {
        return .malformed
      }
      state = .key(bytes + [byte])
      return .inside
    }
    let field = field(of: bytes, call)
    if isKeyed {
      guard !isNamed else { return .malformed }
      call.name = bytes
      guard call.commit(&sink) else { return .malformed }
      isNamed = true
    } else if isStrict && !isNamed && field != .name && bytes != Array("type".utf8) {
      return .malformed
    }
    state = .colon(field)
    return .inside
  }

  private mutating func field(of name: [UInt8], _ call: CallReader) -> Field {
    if isKeyed { return .arguments }
    guard seen.insert(name).inserted, case .object(let fields) = call.format.format.body else {
      return .other
    }
    switch String(decoding: name, as: UTF8.self) {
    case fields.name: return .name
    case fields.arguments, "arguments", "parameters": return hasArguments ? .other : .arguments
    case fields.id: return .id
    default: return .other
    }
  }

  private mutating func beginValue(
    _ symbol: Symbol, _ field: Field, _ call: inout CallReader, _ sink: inout EventSink
  ) -> Verdict {
    if field == .name || (field == .id && symbol == Symbol(ascii: "\"")) {
      guard symbol == Symbol(ascii: "\"") else { return .malformed }
      state = .string(field, [])
      return .inside
    }
    var span = JSONSpan()
    return takeSpan(symbol, field, &span, &call, &sink)
  }

  private mutating func takeString(
    _ byte: UInt8, _ field: Field, _ bytes: [UInt8], _ call: inout CallReader,
    _ sink: inout EventSink
  ) -> Verdict {
    guard byte == UInt8(ascii: "\"") else {
      let bytes = bytes + [byte]
      guard byte != UInt8(ascii: "\\"), bytes.count <= CallReader.nameLimit else {
        return .malformed
      }
      if isStrict && !call.format.tools.keys.contains(where: { $0.starts(with: bytes) }) {
        return .malformed
      }
      state = .string(field, bytes)
      return .inside
    }
    state = .comma
    guard field == .name else {
      call.id = bytes
      return .inside
    }
    call.name = bytes
    guard call.commit(&sink) else { return .malformed }
    isNamed = true
    for byte in early { sink.putArgument(byte) }
    early = []
    return .inside
  }

  private mutating func takeSpan(
    _ symbol: Symbol, _ field: Field, _ span: inout JSONSpan, _ call: inout CallReader,
    _ sink: inout EventSink
  ) -> Verdict {
    let verdict = span.take(symbol)
    if case .after = verdict {
      if field == .arguments { hasArguments = true }
      state = .comma
      return take(symbol, &call, &sink)
    }
    if field == .arguments, let byte = symbol.byte {
      if isNamed { sink.putArgument(byte) } else { early.append(byte) }
    }
    if case .last = verdict {
      if field == .arguments { hasArguments = true }
      state = .comma
    } else {
      state = .span(field, span)
    }
    return .inside
  }
}

extension CallReader {
  /// Goes on after a symbol of an object.
  mutating func takeObject(
    _ verdict: ObjectReader.Verdict, _ reader: ObjectReader, _ symbol: Symbol,
    _ sink: inout EventSink
  ) -> Verdict {
    switch verdict {
    case .inside: state = .object(reader)
    case .last: endCall(&sink)
    case .malformed: return miss([symbol], &sink)
    }
    return .inside
  }
}
