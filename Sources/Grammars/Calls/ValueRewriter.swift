/// Rewrites one value as compact JSON while it is written, without recursion.
struct ValueRewriter: Sendable {
  /// What a symbol is to the value.
  enum Verdict {
    /// It belongs to the value.
    case inside
    /// It is the value's last.
    case last
    /// The value ended before it.
    case after
    /// It cannot stand here, or the value nests too deep.
    case malformed
  }

  /// Containers that may be open at the same time.
  static let depthLimit = 128
  /// Bytes of a number or a constant.
  static let wordLimit = 1024

  /// An open container.
  struct Frame: Sendable {
    /// The byte that closes it.
    var close: UInt8
    /// The byte between a name and its value; nil in lists.
    var colon: UInt8?
    /// Names that it has; none in lists.
    var names: Set<[UInt8]> = []
    /// Whether something was written in it.
    var hasElements = false
    /// Whether what it holds is not written, because its name was there before.
    var isMuted: Bool
  }

  enum State: Sendable {
    case value, name, colon, separator
    case word(isName: Bool)
    case string(StringRewriter, isName: Bool)
  }

  let dialect: ValueDialect
  var frames: [Frame] = []
  var state = State.value
  /// The bytes of a word or a name that is being read.
  var word: [UInt8] = []
  /// A part of a mark before a string.
  var quote: [Symbol] = []
  /// Whether the present member is not written.
  var isMuted = false
  /// Whether the latest word was neither a number nor a constant.
  var isBareString = false
  /// The JSON that was written and not yet taken.
  var output: [UInt8] = []

  /// Begins a value.
  init(_ dialect: ValueDialect) { self.dialect = dialect }

  /// Takes a symbol.
  mutating func take(_ symbol: Symbol) -> Verdict {
    switch state {
    case .string(var string, let isName):
      return takeInString(&string, isName: isName, symbol)
    case .word(let isName):
      return takeInWord(symbol, isName: isName)
    default:
      if let verdict = takeQuote(symbol) { return verdict }
      if symbol.isSpace { return .inside }
      guard let byte = symbol.byte else { return .malformed }
      return takeStructure(byte, symbol)
    }
  }

  /// Closes what is open, so that what was written is JSON.
  mutating func repair() {
    isMuted = frames.last?.isMuted ?? false
    switch state {
    case .string(_, false): write(UInt8(ascii: "\""))
    case .value, .word(false):
      if frames.last?.colon != nil || frames.isEmpty { write(Array("null".utf8)) }
    case .colon: write(Array(":null".utf8))
    case .name, .separator, .word(true), .string(_, true): break
    }
    while let frame = frames.popLast() {
      if !frame.isMuted {
        output.append(frame.colon == nil ? UInt8(ascii: "]") : UInt8(ascii: "}"))
      }
    }
    state = .separator
  }

  mutating func write(_ byte: UInt8) { if !isMuted { output.append(byte) } }
  mutating func write(_ bytes: [UInt8]) { if !isMuted { output += bytes } }
}

// MARK: - Containers

extension ValueRewriter {
  private mutating func takeStructure(_ byte: UInt8, _ symbol: Symbol) -> Verdict {
    if let frame = frames.last, byte == frame.close, mayClose { return close() }
    switch state {
    case .value: return beginValue(byte, symbol)
    case .name: return beginName(byte, symbol)
    case .colon:
      guard byte == frames.last?.colon else { return .malformed }
      write(UInt8(ascii: ":"))
      state = .value
      return .inside
    default:
      guard byte == UInt8(ascii: ","), let frame = frames.last else { return .after }
      state = frame.colon == nil ? .value : .name
      return .inside
    }
  }

  /// Whether a container may end here; a comma before its end is forgiven.
  private var mayClose: Bool {
    switch state {
    case .name, .separator: true
    case .value: frames.last?.colon == nil
    default: false
    }
  }

  private mutating func close() -> Verdict {
    guard let frame = frames.popLast() else { return .malformed }
    isMuted = frame.isMuted
    write(frame.colon == nil ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    state = .separator
    return frames.isEmpty ? .last : .inside
  }

  private mutating func beginValue(_ byte: UInt8, _ symbol: Symbol) -> Verdict {
    if frames.last?.colon == nil { beginElement() }
    switch (byte, dialect) {
    case (UInt8(ascii: "{"), _): return open("}", colon: ":")
    case (UInt8(ascii: "["), _): return open("]", colon: nil)
    case (UInt8(ascii: "("), .python): return open(")", colon: frames.isEmpty ? "=" : nil)
    case (UInt8(ascii: "\""), .json), (UInt8(ascii: "\""), .python), (UInt8(ascii: "'"), .python):
      beginString(close: [symbol], hasEscapes: true, isName: false)
    case (UInt8(ascii: "\""), .gemma):
      beginString(close: [symbol], hasEscapes: true, isName: false)
    default:
      guard Self.isWord(byte) else { return .malformed }
      word = [byte]
      state = .word(isName: false)
    }
    return .inside
  }

  private mutating func open(_ close: Unicode.Scalar, colon: Unicode.Scalar?) -> Verdict {
    guard frames.count < Self.depthLimit else { return .malformed }
    write(colon == nil ? UInt8(ascii: "[") : UInt8(ascii: "{"))
    frames.append(
      Frame(close: UInt8(ascii: close), colon: colon.map { UInt8(ascii: $0) }, isMuted: isMuted))
    state = colon == nil ? .value : .name
    return .inside
  }

  /// Writes the comma before an element of a list or a member.
  private mutating func beginElement() {
    guard let last = frames.indices.last else { return }
    if frames[last].hasElements { write(UInt8(ascii: ",")) }
    frames[last].hasElements = true
  }

  private mutating func beginName(_ byte: UInt8, _ symbol: Symbol) -> Verdict {
    word = []
    if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "'") && dialect == .python) {
      beginString(close: [symbol], hasEscapes: true, isName: true)
      return .inside
    }
    guard dialect != .json, Self.isWord(byte) else { return .malformed }
    word = [byte]
    state = .word(isName: true)
    return .inside
  }

  /// Writes a name, given as a string of JSON, unless the object has it already.
  private mutating func endName(_ name: [UInt8]) {
    guard let last = frames.indices.last else { return }
    isMuted = frames[last].isMuted || !frames[last].names.insert(name).inserted
    if !isMuted { beginElement() }
    write(name)
    state = .colon
  }
}

// MARK: - Words and strings

extension ValueRewriter {
  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private mutating func takeInWord(_ symbol: Symbol, isName: Bool) -> Verdict {
    if let byte = symbol.byte, Self.isWord(byte) {
      guard word.count < Self.wordLimit else { return .malformed }
      word.append(byte)
      return .inside
    }
    if isName { endName(BareWord.string(word)) } else { endWord() }
    return frames.isEmpty ? .after : take(symbol)
  }

  /// Writes the word that ends a value.
  mutating func endWord() {
    let json = BareWord.json(word)
    isBareString = json.first == UInt8(ascii: "\"")
    write(json)
    endValue()
  }

  private mutating func endValue() {
    isMuted = frames.last?.isMuted ?? false
    state = .separator
  }

  private mutating func beginString(close: [Symbol], hasEscapes: Bool, isName: Bool) {
    state = .string(
      StringRewriter(close: close, hasEscapes: hasEscapes, isJSON: dialect == .json),
      isName: isName)
    if isName { word = [UInt8(ascii: "\"")] } else { write(UInt8(ascii: "\"")) }
  }

  private mutating func takeInString(
    _ string: inout StringRewriter, isName: Bool, _ symbol: Symbol
  ) -> Verdict {
    var text: [UInt8] = []
    guard let isOver = string.take(symbol, into: &text) else { return .malformed }
    if isName { word += text } else { write(text) }
    guard isOver else {
      if isName && word.count > Self.wordLimit { return .malformed }
      state = .string(string, isName: isName)
      return .inside
    }
    if isName {
      endName(word + [UInt8(ascii: "\"")])
      return .inside
    }
    write(UInt8(ascii: "\""))
    endValue()
    return frames.isEmpty ? .last : .inside
  }

  /// Takes a symbol of a mark before a string; nil where it belongs to none.
  private mutating func takeQuote(_ symbol: Symbol) -> Verdict? {
    guard case .gemma(let mark) = dialect else { return nil }
    let isName: Bool
    switch state {
    case .name: isName = true
    case .value: isName = false
    default: return nil
    }
    quote.append(symbol)
    guard mark.starts(with: quote) else {
      let isMark = quote.count > 1
      quote = []
      return isMark ? .malformed : nil
    }
    if quote.count == mark.count {
      quote = []
      if !isName && frames.last?.colon == nil { beginElement() }
      beginString(close: mark, hasEscapes: false, isName: isName)
    }
    return .inside
  }
}
