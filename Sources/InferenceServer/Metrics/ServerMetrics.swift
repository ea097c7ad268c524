import NIOConcurrencyHelpers

/// Counts of the routes: answers, and errors by reason.
final class ServerMetrics: Sendable {
  /// The labels of an answer; each has few values.
  struct Answer: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  /// All counts.
  struct Counts: Sendable {
    /// How often each answer was given.
    fileprivate(set) var answers: [Answer: Int] = [:]
    /// How often each reason was given.
    fileprivate(set) var reasons: [ErrorReason: Int] = [:]

    /// The answers by their addresses.
    var sortedAnswers: [(Answer, Int)] {
      answers.map { ($0.key, $0.value) }.sorted {
        ($0.0.route, $0.0.method, $0.0.status) < ($1.0.route, $1.0.method, $1.0.status)
      }
    }

    /// How often valid requests were rejected, by the labels of the reasons.
    var rejections: [(label: String, count: Int)] {
      ErrorReason.rejections.map { label in
        let counts = reasons.filter { $0.key.terms.rejection == label }.values
        return (label, counts.reduce(0, +))
      }
    }
  }

  private let start = ContinuousClock.now
  private let state = NIOLockedValueBox(Counts())

  /// Seconds since the server began.
  var uptime: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// The counts so far.
  var counts: Counts { state.withLockedValue { $0 } }

  /// Counts an answer, and why it was an error if it was.
  func count(_ answer: Answer, reason: ErrorReason?) {
    state.withLockedValue { counts in
      counts.answers[answer, default: 0] += 1
      if let reason { counts.reasons[reason, default: 0] += 1 }
    }
  }
}
