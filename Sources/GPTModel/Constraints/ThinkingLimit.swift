import Grammars
import Tokenizers

/// Where the thinking of an answer is closed.
struct ThinkingLimit: Sendable {
  /// Tokens of thinking, its marks included, after which nothing but its end follows.
  let tokens: Int
  /// What opens it, where the answer itself may; nil where the prompt has.
  let open: [UInt8]?
  /// What closes it, without white space around it.
  let close: [UInt8]
  /// The tokens that close it.
  let closing: [Token]

  /// Makes a limit; nil where the answer has no thinking.
  init?(_ form: AnswerForm, _ style: AnswerStyle, _ tokenizer: Tokenizer) {
    guard let tokens = form.thinkingTokens, form.thinking != .absent,
      let marks = style.format.thinking, style.format.layout == .blocks
    else { return nil }
    self.tokens = tokens
    open = form.thinking == .possible ? Array(marks.openMark.utf8) : nil
    close = Array(marks.closeMark.utf8)
    closing = tokenizer.encode([PromptSegment(marks.close, from: .template)], addsBeginning: false)
  }
}

/// How far the thinking of an answer has come.
struct ThinkingWatch {
  private enum Phase {
    /// Before what may open it.
    case before
    case inside
    /// Over, or never begun.
    case over
  }

  private let limit: ThinkingLimit
  private var phase: Phase
  private var tokens = 0
  /// The end of the text, as much as a mark is long.
  private var tail: [UInt8] = []
  /// What of the closing tokens is to come, once it has begun.
  private var closing: ArraySlice<Token> = []

  /// Begins where no token was chosen.
  init(_ limit: ThinkingLimit) {
    self.limit = limit
    phase = limit.open == nil ? .inside : .before
  }

  /// The one token that may follow, where the limit leaves no other.
  var next: Token? { closing.first }

  /// Begins to close the thinking where the limit is reached.
  ///
  /// - Parameter allows: Whether the form of the answer allows a token here, as it does not within a
  ///   character.
  mutating func prescribe(where allows: (Token) -> Bool) {
    guard closing.isEmpty, phase == .inside, tokens >= limit.tokens,
      let first = limit.closing.first, allows(first)
    else { return }
    closing = limit.closing[...]
  }

  /// Goes on by a token and the bytes that it stands for.
  mutating func accept(_ token: Token, _ bytes: some Sequence<UInt8>) {
    closing = closing.first == token ? closing.dropFirst() : []
    guard phase != .over else { return }
    tokens += 1
    tail += bytes
    if phase == .before, let open = limit.open {
      let text = tail.drop { $0 <= 0x20 }
      if text.count >= open.count {
        phase = text.starts(with: open) ? .inside : .over
      } else if !open.starts(with: text) {
        phase = .over
      }
    }
    if phase == .inside, tail.contains(limit.close) { phase = .over }
    if phase == .inside, tail.count > 4 * limit.close.count {
      tail.removeFirst(tail.count - limit.close.count)
    }
  }
}
