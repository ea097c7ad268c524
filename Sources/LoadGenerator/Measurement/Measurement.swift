/// What a run has shown so far; grows by one request at a time and knows no clock.
struct Measurement: Sendable {
  /// How a request ended.
  enum Ending: Sendable, Hashable {
    case completed
    case failed
    case unfinished
  }

  /// One request, without its text and the times of its pieces.
  struct Point: Sendable, Hashable {
    let intended: Duration
    let sent: Duration
    let firstPiece: Duration?
    let end: Duration
    let ending: Ending
  }

  /// Failures of one kind.
  struct FailureCount: Sendable, Hashable {
    /// How many.
    var count = 0
    /// The particulars of the first.
    let example: String
  }

  /// What counts as good.
  let objective: ServiceObjective
  /// All requests in the order of their ends.
  private(set) var points: [Point] = []
  /// From when a request was due to the first piece of its answer.
  private(set) var timeToFirstToken = LatencyHistogram()
  /// Between two pieces of an answer.
  private(set) var interTokenLatency = LatencyHistogram()
  /// From when a request was due to the end of its answer.
  private(set) var endToEnd = LatencyHistogram()
  /// From when a request was due to its sending: how far the client itself lagged.
  private(set) var sendDelay = LatencyHistogram()
  /// What failed.
  private(set) var failures: [RequestFailure.Kind: FailureCount] = [:]
  /// Tokens that arrived, over time.
  private(set) var tokenArrivals = TimeBins()
  /// Answers that are complete.
  private(set) var completed = 0
  /// Requests that the end of the run cut off.
  private(set) var unfinished = 0
  /// Complete answers that meet the objective.
  private(set) var good = 0
  /// Tokens of the prompts that were answered.
  private(set) var promptTokens = 0
  /// Tokens of those prompts that the server had in a cache.
  private(set) var cachedTokens = 0
  /// Tokens of the complete answers.
  private(set) var completionTokens = 0
  /// When the last answer ended.
  private(set) var lastEnd = Duration.zero

  /// Begins with nothing.
  init(objective: ServiceObjective = ServiceObjective()) {
    self.objective = objective
  }

  /// Requests without an answer that nobody interrupted.
  var failed: Int { failures.values.reduce(0) { $0 + $1.count } }

  /// Takes one request in.
  mutating func add(_ record: RequestRecord) {
    lastEnd = max(lastEnd, record.end)
    switch record.result {
    case .success(let answer): add(answer, of: record)
    case .failure(let failure) where failure.kind == .interrupted:
      unfinished += 1
      addPoint(of: record, .unfinished)
    case .failure(let failure):
      failures[failure.kind, default: FailureCount(example: failure.detail)].count += 1
      addPoint(of: record, .failed)
    }
  }

  private mutating func add(_ answer: Answer, of record: RequestRecord) {
    addPoint(of: record, .completed, firstPiece: answer.pieceTimes.first)
    completed += 1
    promptTokens += answer.promptTokens ?? 0
    cachedTokens += answer.cachedTokens ?? 0
    completionTokens += answer.tokens
    endToEnd.record(record.end - record.intended)
    sendDelay.record(record.sent - record.intended)
    for (time, next) in zip(answer.pieceTimes, answer.pieceTimes.dropFirst()) {
      interTokenLatency.record(next - time)
    }
    let tokensOfPiece = Double(answer.tokens) / Double(max(1, answer.pieceTimes.count))
    for time in answer.pieceTimes { tokenArrivals.add(tokensOfPiece, at: time) }
    guard let first = answer.pieceTimes.first else { return }
    timeToFirstToken.record(first - record.intended)
    let isGood = objective.isMet(
      timeToFirstToken: first - record.intended, meanGap: answer.meanGap)
    if isGood { good += 1 }
  }

  private mutating func addPoint(
    of record: RequestRecord, _ ending: Ending, firstPiece: Duration? = nil
  ) {
    points.append(
      Point(
        intended: record.intended, sent: record.sent, firstPiece: firstPiece, end: record.end,
        ending: ending))
  }
}
