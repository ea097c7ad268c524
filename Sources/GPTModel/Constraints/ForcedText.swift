import Grammars
import Tokenizers

/// The tokens of text that a grammar prescribes, where it leaves no choice.
///
/// The text is cut into tokens as it would be with what came before it. The last tokens are left to the
/// model, as they could be one with what follows. All that is known comes from the tokens accepted, so
/// that it is the same whenever it is asked for.
struct ForcedText {
  private let tokenizer: Tokenizer
  /// The last tokens of the answer.
  private var recent: [Token] = []
  /// The tokens to come.
  private var run: ArraySlice<Token> = []

  /// Tokens of the answer that are looked at.
  private static let context = 8
  /// Bytes that are looked ahead.
  private static let lookahead = 96
  /// The bytes, or the tokens, at the end of the text that are left to the model.
  private static let (openBytes, openTokens) = (7, 4)

  /// Begins where no token was chosen.
  init(tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
  }

  /// The next token, where it is prescribed.
  var next: Token? { run.first }

  /// Goes on by a token of the answer.
  mutating func accept(_ token: Token) {
    recent.append(token)
    if recent.count > Self.context { recent.removeFirst() }
    run = run.first == token ? run.dropFirst() : []
  }

  /// Looks for text that must follow.
  mutating func prescribe(by matcher: Matcher) {
    let forced = matcher.forcedBytes(atMost: Self.lookahead)
    guard !forced.isEmpty else { return }
    var after = matcher
    let isLast = after.accept(bytes: forced) && after.mustEnd
    guard isLast || forced.count > Self.openBytes else { return }
    var tokens = canonicalTokens(of: forced)
    if !isLast { Self.leaveOpen(&tokens) { tokenizer.textBytes(of: $0).count } }
    if let first = tokens.first, matcher.allows(first) { run = tokens }
  }

  /// The tokens of bytes after those of the answer; none where the two do not part at a token.
  private func canonicalTokens(of bytes: [UInt8]) -> ArraySlice<Token> {
    let before = recent.flatMap { tokenizer.textBytes(of: $0) }
    let whole = before + bytes
    guard let text = String(validating: whole, as: UTF8.self) else { return [] }
    let tokens = tokenizer.encode(text)
    var position = 0
    var start: Int?
    for (index, token) in tokens.enumerated() {
      if position == before.count { start = start ?? index }
      let piece = tokenizer.textBytes(of: token)
      guard !piece.isEmpty, whole[position...].starts(with: piece) else { return [] }
      position += piece.count
    }
    guard position == whole.count, let start else { return [] }
    return tokens[start...]
  }

  /// Drops the tokens at the end that could be one with what follows.
  private static func leaveOpen(_ tokens: inout ArraySlice<Token>, bytes: (Token) -> Int) {
    var (dropped, count) = (0, 0)
    while dropped < openBytes, count < openTokens, let last = tokens.popLast() {
      dropped += bytes(last)
      count += 1
    }
  }
}
