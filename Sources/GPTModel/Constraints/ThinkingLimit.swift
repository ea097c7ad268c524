import Grammars
import Tokenizers

/// Where the thinking of an answer is closed.
struct ThinkingLimit: Sendable {
  /// Thinking in messages of its own, of which there may be several.
  struct Messages: Sendable {
    /// What opens such a message.
    let open: [UInt8]
    /// What stands before the name of any message.
    let header: [UInt8]
    /// The tokens that begin the name of such a message, and that of no other.
    let names: [Token]
  }

  /// Tokens of thinking, its marks included, after which nothing but its end follows.
  let tokens: Int
  /// What opens it, where the answer itself may; nil where the prompt has.
  let open: [UInt8]?
  /// What closes it, without white space around it.
  let close: [UInt8]
  /// The tokens that close it.
  let closing: [Token]
  /// How messages of thinking are told; nil where it is no message.
  let messages: Messages?

  /// Makes a limit; nil where the answer has no thinking.
  init?(_ form: AnswerForm, _ style: AnswerStyle, _ tokenizer: Tokenizer) {
    guard let tokens = form.thinkingTokens, form.thinking != .absent,
      let marks = style.format.thinking
    else { return nil }
    self.tokens = tokens
    open = form.thinking == .possible ? Array(marks.openMark.utf8) : nil
    closing = tokenizer.encode([PromptSegment(marks.close, from: .template)], addsBeginning: false)
    switch style.format.layout {
    case .blocks:
      close = Array(marks.closeMark.utf8)
      messages = nil
    case .channels:
      close = Array("<|end|>".utf8)
      messages = Messages(
        open: Array(marks.openMark.utf8), header: Array("<|channel|>".utf8),
        names: tokenizer.tokens(beginning: "analysis"))
    case .recipients: return nil
    }
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

  /// Tokens that may not follow, since they would open thinking again.
  var refused: [Token] {
    guard let messages = limit.messages, phase == .before, tokens >= limit.tokens,
      tail.suffix(messages.header.count).elementsEqual(messages.header)
    else { return [] }
    return messages.names
  }

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
    if limit.messages == nil || phase == .inside { tokens += 1 }
    tail += bytes
    if let messages = limit.messages {
      enter(messages)
    } else if phase == .before, let open = limit.open {
      let text = tail.drop { $0 <= 0x20 }
      if text.count >= open.count {
        phase = text.starts(with: open) ? .inside : .over
      } else if !open.starts(with: text) {
        phase = .over
      }
    }
    if phase == .inside, tail.contains(limit.close) {
      phase = limit.messages == nil ? .over : .before
    }
    let kept = max(limit.close.count, limit.messages?.open.count ?? 0)
    if phase == .inside || limit.messages != nil, tail.count > 4 * kept {
      tail.removeFirst(tail.count - kept)
    }
  }

  /// Goes into a message of thinking where one was opened.
  private mutating func enter(_ messages: ThinkingLimit.Messages) {
    guard phase == .before, tail.suffix(messages.open.count).elementsEqual(messages.open) else {
      return
    }
    phase = .inside
    tail.removeAll(keepingCapacity: true)
  }
}

extension Tokenizer {
  /// The tokens whose texts are beginnings of a text.
  fileprivate func tokens(beginning text: String) -> [Token] {
    (0..<count).map { Token(truncatingIfNeeded: $0) }.filter { token in
      let bytes = textBytes(of: token)
      return !bytes.isEmpty && text.utf8.starts(with: bytes)
    }
  }
}
