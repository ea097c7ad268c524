/// How far a run has come.
package struct LoadProgress: Sendable, Hashable {
  /// The time since the start of the run.
  package let elapsed: Duration
  /// Whether requests are not counted yet.
  package let isWarmup: Bool
  /// Requests under way.
  package let underWay: Int
  /// Answers that are complete.
  package let completed: Int
  /// Requests that failed.
  package let failed: Int
  /// Tokens of the complete answers, for each second.
  package let tokensPerSecond: Double
  /// The median time to the first token.
  package let medianTimeToFirstToken: Duration?
}
