import NIOCore

/// Tells until when a client has to send more.
///
/// Only the request whose answer is due next has a deadline: while an earlier one is being answered, the
/// client waits for the server, not the server for the client. A value; the time is handed in.
struct RequestPace {
  /// The part of a request that is being read.
  enum Reading {
    case nothing, head, body
  }

  /// The part of a request or answer that is late.
  enum Lateness: Equatable {
    case request, head, body
  }

  /// The part of a request that is being read.
  private(set) var reading = Reading.nothing

  private let rules: RequestRules
  /// When the present wait began.
  private var since: NIODeadline
  private var isFirst = true
  private var bodyBytes = 0
  /// Requests that were read and have not been answered.
  private var unanswered = 0
  /// Whether the request that is being read has been answered already.
  private var isAnswered = false

  /// Begins with an accepted connection.
  init(_ rules: RequestRules, at now: NIODeadline) {
    self.rules = rules
    since = now
  }

  /// Until when the client has to send more, and what; nil while it waits itself.
  var deadline: (time: NIODeadline, lateness: Lateness)? {
    guard unanswered == 0 else { return nil }
    let limits = rules.limits
    switch reading {
    case .nothing:
      return (since + (isFirst ? limits.headTime : limits.idleTime), .request)
    case .head:
      return (since + limits.headTime, .head)
    case .body:
      let earned = TimeAmount.seconds(Int64(bodyBytes / limits.bodyBytesPerSecond))
      return (since + limits.bodyTime + earned, .body)
    }
  }

  /// Begins anew, when a connection has been encrypted.
  mutating func restart(at now: NIODeadline) {
    since = now
  }

  /// Takes note of the first bytes of a request.
  mutating func begin(at now: NIODeadline) {
    reading = .head
    if !isFirst { since = now }
  }

  /// Takes note of a head.
  mutating func takeHead(at now: NIODeadline) {
    reading = .body
    since = now
    bodyBytes = 0
    isFirst = false
    isAnswered = false
  }

  /// Takes note of a piece of a body.
  mutating func takeBody(bytes: Int) {
    bodyBytes += bytes
  }

  /// Takes note of the end of a request.
  mutating func takeEnd(at now: NIODeadline) {
    reading = .nothing
    since = now
    if !isAnswered { unanswered += 1 }
    isAnswered = false
  }

  /// Takes note of the end of an answer.
  mutating func answer(at now: NIODeadline) {
    guard unanswered > 0 else {
      isAnswered = reading == .body
      return
    }
    unanswered -= 1
    if unanswered == 0 { since = now }
  }
}
