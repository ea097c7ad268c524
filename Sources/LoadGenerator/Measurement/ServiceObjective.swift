/// What an answer must keep to be good; what is nil is not asked for.
package struct ServiceObjective: Sendable, Hashable {
  /// The longest time to the first token.
  package var timeToFirstToken: Duration?
  /// The longest mean gap between the tokens of an answer.
  package var interTokenLatency: Duration?

  /// Creates an objective that every answer meets.
  package init() {}

  /// Whether anything is asked for.
  var isSet: Bool { timeToFirstToken != nil || interTokenLatency != nil }

  /// Tells whether an answer with these latencies is good.
  func isMet(timeToFirstToken first: Duration, meanGap: Duration?) -> Bool {
    if let timeToFirstToken, first > timeToFirstToken { return false }
    if let interTokenLatency, let meanGap, meanGap > interTokenLatency { return false }
    return true
  }
}
