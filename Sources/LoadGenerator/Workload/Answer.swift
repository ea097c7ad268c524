/// A complete answer, as its client saw it.
package struct Answer: Sendable, Hashable {
  /// When each piece of content arrived, from the start of the run.
  var pieceTimes: [Duration] = []
  /// The text.
  var text = ""
  /// Tokens of the prompt, as the server counts them.
  var promptTokens: Int?
  /// Tokens of the prompt that the server had in a cache.
  var cachedTokens: Int?
  /// Tokens of the answer, as the server counts them.
  var completionTokens: Int?
  /// Why the answer ended.
  var finishReason: String?

  /// Tokens of the answer; its pieces are counted where the server does not say.
  package var tokens: Int { completionTokens ?? pieceTimes.count }

  /// The mean gap between two pieces, or nil where there are fewer.
  var meanGap: Duration? {
    guard let first = pieceTimes.first, let last = pieceTimes.last, pieceTimes.count > 1 else {
      return nil
    }
    return (last - first) / (pieceTimes.count - 1)
  }
}
