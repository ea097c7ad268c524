package import Tokenizers

/// Drafts the next tokens of an answer by prompt lookup: they are those that followed when the last few
/// tokens were there before, in the prompt, in the answer or in a text that was predicted.
///
/// It remembers where each few tokens were last, so that a token costs the same however long the text is.
/// The draft is longer the more of the last one was right.
package struct PromptLookup: Sendable {
  /// The predicted text, the prompt and the answer, one after the other.
  private var history: [Token]
  /// The position after the last place of some tokens, by their hash; 0 for none. A power of two, at most
  /// `mostPlaces`.
  private var places: [Int32]
  /// The position of the token that comes next, if the text goes on as it did before; nil for unknown.
  private var source: Int?
  /// Tokens to draft.
  private var length = Self.firstLength
  /// Tokens to come before which nothing is drafted, and as many as were waited for last.
  private var (pause, lastPause) = (0, 0)

  /// Tokens that must be the same.
  private static let matched = 3
  private static let firstLength = 4
  private static let mostPlaces = 1 << 16
  private static let longestPause = 32

  /// Begins after a prompt.
  ///
  /// - Parameters:
  ///   - predicted: Text that the answer is expected to be like; may be empty.
  ///   - room: Tokens that the answer may have.
  package init(prompt: [Token], predicted: [Token] = [], room: Int) {
    history = []
    history.reserveCapacity(predicted.count + prompt.count + min(room, Self.mostPlaces))
    var places = 64
    while places < history.capacity, places < Self.mostPlaces { places *= 2 }
    self.places = Array(repeating: 0, count: places)
    for token in predicted { append(token) }
    for token in prompt { append(token) }
    if !predicted.isEmpty { source = 0 }
  }

  /// Goes on by a token.
  package mutating func append(_ token: Token) {
    let isAsBefore = source.map { history[$0] == token } ?? false
    history.append(token)
    pause = max(0, pause - 1)
    let found = exchangePlace()
    source = isAsBefore ? source.map { $0 + 1 } : found
  }

  /// Writes the next tokens down, as far as they are known; none while drafts do not come true.
  package func draft(into draft: inout [Token], atMost count: Int) {
    draft.removeAll(keepingCapacity: true)
    guard let source, pause == 0, history.indices.contains(source) else { return }
    // What follows the end of the history is what the draft itself began with.
    let period = history.count - source
    for offset in 0..<max(0, min(count, length)) { draft.append(history[source + offset % period]) }
  }

  /// Takes to heart whether a drafted token was the one chosen, and that so many were drafted behind it.
  package mutating func note(isAccepted: Bool, left: Int) {
    if !isAccepted {
      length = max(1, length / 2)
      lastPause = length > 1 ? 0 : min(Self.longestPause, max(1, 2 * lastPause))
      pause = lastPause
    } else if left == 0 {
      length = min(2 * length, Self.mostPlaces)
      lastPause = 0
    }
  }

  /// Remembers where the last tokens are.
  ///
  /// - Returns: The position after the same tokens before; nil where there is none.
  private mutating func exchangePlace() -> Int? {
    guard history.count >= Self.matched else { return nil }
    let slot = slot()
    let before = Int(places[slot])
    places[slot] = Int32(clamping: history.count)
    return isSame(before) ? before : nil
  }

  private func isSame(_ place: Int) -> Bool {
    guard place >= Self.matched else { return false }
    return (1...Self.matched).allSatisfy {
      history[place - $0] == history[history.count - $0]
    }
  }

  /// Where the place of the last tokens is remembered.
  private func slot() -> Int {
    var hash: UInt32 = 0
    for token in history.suffix(Self.matched) {
      hash = (hash ^ UInt32(bitPattern: token)) &* 0x9E37_79B1
      hash ^= hash >> 15
    }
    return Int(hash) & (places.count - 1)
  }
}
