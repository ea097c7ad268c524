/// Reads answers in parts, each with a header that says what it is.
struct PartReader: Sendable {
  private enum State: Sendable {
    /// In a header, with what was read of it.
    case header
    /// In a text, or in one that nobody is shown where the channel is nil.
    case text(EventSink.Channel?)
    /// In arguments.
    case arguments(JSONSpan, hasBegun: Bool)
    /// After arguments.
    case over
  }

  private let format: CompiledFormat
  private let headerEnd: [Symbol]
  /// The marks that end a part, the first of which may stand before a header too.
  private let ends: [[Symbol]]
  private let hasChannels: Bool
  private var state = State.header
  private var header: [Symbol] = []
  private var pending: [Symbol] = []
  private var space: [Symbol] = []

  /// Begins an answer of gpt-oss.
  init(channelsOf format: CompiledFormat) {
    self.format = format
    hasChannels = true
    headerEnd = format.table.symbols(of: "<|message|>")
    ends = ["<|start|>", "<|end|>", "<|call|>", "<|return|>", "<|channel|>"].map(
      format.table.symbols(of:))
  }

  /// Begins an answer of Functionary 3.2.
  init(recipientsOf format: CompiledFormat) {
    self.format = format
    hasChannels = false
    headerEnd = [0x0A]
    ends = [format.table.symbols(of: ">>>")]
  }

  /// Takes a symbol.
  mutating func take(_ symbol: Symbol, _ sink: inout EventSink) {
    switch state {
    case .header: takeHeader(symbol, &sink)
    case .arguments(var span, let hasBegun): takeArguments(symbol, &span, hasBegun, &sink)
    case .text, .over: takeText(symbol, &sink)
    }
  }

  /// Ends the answer.
  mutating func finish(isCut: Bool, _ sink: inout EventSink) {
    switch state {
    case .header:
      let isMark = hasChannels && header.starts(with: ends[4])
      if !isCut && !isMark && !header.isEmpty { show(header, as: .content, &sink) }
    case .arguments: sink.endCall(isComplete: false)
    case .text(let channel):
      show(space + pending, as: channel, &sink)
    case .over: break
    }
  }

  private func show(
    _ symbols: some Sequence<Symbol>, as channel: EventSink.Channel?, _ sink: inout EventSink
  ) {
    guard let channel, !sink.hasCalls else { return }
    for byte in symbols.compactMap(\.byte) { sink.put(byte, to: channel) }
  }
}

// MARK: - Headers

extension PartReader {
  private static let headerLimit = 256

  private mutating func takeHeader(_ symbol: Symbol, _ sink: inout EventSink) {
    header.append(symbol)
    if !hasChannels && header == ends[0] {
      header = []
    } else if header.suffix(headerEnd.count).elementsEqual(headerEnd) {
      header.removeLast(headerEnd.count)
      endHeader(&sink)
    } else if header.count > Self.headerLimit || (!hasChannels && !mayBeRecipient) {
      state = .text(.content)
      if hasChannels && header.starts(with: ends[4]) { header.removeFirst(ends[4].count) }
      show(header.dropLast(), as: .content, &sink)
      header = []
      takeText(symbol, &sink)
    }
  }

  private var mayBeRecipient: Bool {
    if ends[0].starts(with: header) { return true }
    let text = header.compactMap(\.byte)
    return text.count == header.count
      && (Array("all".utf8).starts(with: text)
        || format.tools.keys.contains { $0.starts(with: text) })
  }

  private mutating func endHeader(_ sink: inout EventSink) {
    let text = String(decoding: header.map { $0.byte ?? 0x20 }, as: UTF8.self)
    header = []
    guard hasChannels else {
      guard text != "all" else {
        state = .text(.content)
        return
      }
      begin(call: text, &sink)
      return
    }
    let words = text.split { " \n<>|".contains($0) }
    if let recipient = words.first(where: { $0.hasPrefix("to=functions.") }) {
      begin(call: String(recipient.dropFirst("to=functions.".count)), &sink)
    } else if words.contains("analysis") {
      state = .text(.reasoning)
    } else {
      state = .text(words.contains { $0.hasPrefix("to=") } ? .reasoning : .content)
    }
  }

  private mutating func begin(call name: String, _ sink: inout EventSink) {
    let isControl = headerEnd.contains { $0.byte == nil }
    guard format.tools[Array(name.utf8)] != nil || (isControl && !name.isEmpty) else {
      state = .text(.content)
      return
    }
    sink.beginCall(id: nil, name: name)
    state = .arguments(JSONSpan(), hasBegun: false)
  }
}

// MARK: - Texts and arguments

extension PartReader {
  private mutating func takeText(_ symbol: Symbol, _ sink: inout EventSink) {
    var channel: EventSink.Channel?
    if case .text(let some) = state { channel = some }
    if pending.isEmpty && symbol.isSpace {
      space.append(symbol)
      return
    }
    pending.append(symbol)
    while !pending.isEmpty {
      if let end = ends.firstIndex(of: pending) {
        pending = []
        space = []
        state = .header
        header = end == 4 ? ends[4] : []
        return
      }
      if ends.contains(where: { $0.starts(with: pending) }) { return }
      show(space + [pending.removeFirst()], as: channel, &sink)
      space = []
    }
  }

  private mutating func takeArguments(
    _ symbol: Symbol, _ span: inout JSONSpan, _ hasBegun: Bool, _ sink: inout EventSink
  ) {
    if !hasBegun {
      if symbol.isSpace { return }
      guard symbol == Symbol(ascii: "{") else {
        for byte in "{}".utf8 { sink.putArgument(byte) }
        sink.endCall(isComplete: true)
        state = .over
        return takeText(symbol, &sink)
      }
    }
    switch span.take(symbol) {
    case .after:
      sink.endCall(isComplete: false)
      state = .over
      takeText(symbol, &sink)
    case .inside:
      if let byte = symbol.byte { sink.putArgument(byte) }
      state = .arguments(span, hasBegun: true)
    case .last:
      if let byte = symbol.byte { sink.putArgument(byte) }
      sink.endCall(isComplete: true)
      state = .over
    }
  }
}
