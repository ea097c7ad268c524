import GPTModel

/// The scores of pairs, and the tokens read for them.
struct Scores {
  /// The score of each pair, in their order.
  private(set) var values: [Float]
  /// Tokens of all pairs.
  private(set) var tokens = 0

  /// Waits for the scores of requests.
  init(_ requests: [GenerationRequest], of service: any GenerationService) async throws {
    values = Array(repeating: 0, count: requests.count)
    let events = ChoiceEvents(requests, of: service)
    while let event = try await events.next() {
      switch event.event {
      case .prompt(let report):
        guard let score = report.score else { throw APIError.internal }
        values[event.choice] = score
      case .finished(let summary): tokens += summary.usage.promptTokens
      case .progress, .token: break
      }
    }
  }

  /// The pairs by their scores, the best first, of equal ones the earlier.
  var ranking: [Int] {
    values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
  }
}
