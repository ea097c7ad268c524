import NIOConcurrencyHelpers

/// What the routes count: answers, and refusals by their reasons.
final class ServerMetrics: Sendable {
  /// What answers are told apart by; each member has few values.
  struct Answer: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  private struct Counts {
    var answers: [Answer: Int] = [:]
    var refusals: [Refusal: Int] = [:]
  }

  private let counts = NIOLockedValueBox(Counts())

  /// Counts an answer, and why it was a refusal if it was.
  func count(_ answer: Answer, refusal: Refusal?) {
    counts.withLockedValue { counts in
      counts.answers[answer, default: 0] += 1
      if let refusal { counts.refusals[refusal, default: 0] += 1 }
    }
  }

  /// Writes all counts.
  func write(to text: inout PrometheusText) {
    let counts = counts.withLockedValue { $0 }
    text.write(.counter, "apus:http_requests_total", "Requests by address and status.") { samples in
      let answers = counts.answers.sorted {
        ($0.key.route, $0.key.method, $0.key.status)
          < ($1.key.route, $1.key.method, $1.key.status)
      }
      for (answer, count) in answers {
        samples.sample(
          count,
          labels: [
            "method": answer.method, "route": answer.route, "status": "\(answer.status)",
          ])
      }
    }
    text.write(.counter, "apus:request_rejections_total", "Refused requests.") { samples in
      for reason in Refusal.allCases {
        samples.sample(counts.refusals[reason] ?? 0, labels: ["reason": reason.rawValue])
      }
    }
  }
}

/// Why a valid request was refused; what is wrong in itself is no refusal.
enum Refusal: String, Hashable, CaseIterable {
  /// No key, or one that is not known.
  case unauthorized
  /// The key's requests of this minute are used up.
  case rateLimit = "rate_limit"
  /// The client has as many requests at a time as it may.
  case clientLimit = "client_limit"
  /// As many requests wait as may.
  case queueFull = "queue_full"
  /// The requests that wait have as many tokens as they may.
  case tokensQueued = "tokens_queued"
  /// It waited longer than it wished.
  case waitedTooLong = "waited_too_long"
  /// The server is about to stop.
  case shuttingDown = "shutting_down"
  /// A name or a web page that may not call.
  case foreign
  /// The body is larger than bodies may be.
  case bodyTooLarge = "body_too_large"
}
