extension RegexAutomaton {
  /// Whether plain characters lead from a state to itself.
  @inline(__always)
  mutating func isLoop(_ state: State) -> Bool {
    state > Self.start && step(state, UInt8(ascii: "a")) == state
      && step(state, UInt8(ascii: "0")) == state && step(state, UInt8(ascii: " ")) == state
  }
}

extension Regex {
  private static let quote = UInt8(ascii: "\"")

  /// Whether no text has a character above ASCII and each ends in a quotation mark; where it is not
  /// seen at once, no.
  var isPlainString: Bool { isASCII && endsInQuote }

  private var isASCII: Bool {
    switch self {
    case .nothing, .empty: true
    case .byte(let set): set.intersection(ByteSet(0x80...0xFF)).isEmpty
    case .literal(let text): text.allSatisfy { $0 < 0x80 }
    case .sequence(let parts), .alternatives(let parts): parts.allSatisfy(\.isASCII)
    case .intersection(let parts): parts.contains(where: \.isASCII)
    case .repetition(let part, _, _): part.isASCII
    case .complement: false
    }
  }

  private var endsInQuote: Bool {
    switch self {
    case .byte(let set): set == ByteSet(Self.quote...Self.quote)
    case .literal(let text): text.last == Self.quote
    case .sequence(let parts): parts.last?.endsInQuote == true
    case .alternatives(let parts): parts.allSatisfy(\.endsInQuote)
    case .intersection(let parts): parts.contains(where: \.endsInQuote)
    case .nothing: true
    case .empty, .repetition, .complement: false
    }
  }
}
