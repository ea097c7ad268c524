/// Gathers what a request wants to know from the rows of its sequence, position after position.
///
/// A position that is computed again, because its sequence lost its pages, counts once. Nothing depends
/// on how the positions were cut into steps.
protocol RowConsumer {
  /// What it takes of positions whose rows a step outputs.
  func demand(of outputs: Range<Int>) -> RowDemand

  /// Takes a row, which may be one that it did not ask for.
  mutating func take(_ row: StepRow, sampler: inout Sampler)

  /// Writes down what it gathered, once all was computed.
  func report(in report: inout PromptReport)
}

/// Gathers how likely the tokens of a prompt were.
struct PromptLogprobs: RowConsumer {
  private let prompt: [Token]
  private let alternatives: Int
  private var logprobs: [TokenLogprobs] = []

  /// Begins to gather; nil where the request does not ask for it.
  init?(_ request: GenerationRequest) {
    guard let alternatives = request.promptAlternatives else { return nil }
    self.alternatives = alternatives
    prompt = request.prompt.tokens
  }

  func demand(of outputs: Range<Int>) -> RowDemand { RowDemand(logits: outputs) }

  /// Takes the logits of a position, which say how likely the next token was.
  mutating func take(_ row: StepRow, sampler: inout Sampler) {
    guard !row.isState, row.position == logprobs.count, row.position + 1 < prompt.count else {
      return
    }
    logprobs.append(
      sampler.rankedLogprobs(
        of: prompt[row.position + 1], in: row.values, alternatives: alternatives))
  }

  func report(in report: inout PromptReport) { report.logprobs = logprobs }
}

/// Gathers the states of a prompt into one vector, or a score.
struct PooledStates: RowConsumer {
  private let pooling: Pooling
  private let last: Int
  private let secondText: Int?
  private let isScored: Bool
  private let head: PooledHead
  /// The sum of the states so far, [W].
  private var sum: [Double] = []
  private var pooled = 0

  /// Begins to gather; nil where the request does not ask for it.
  init?(_ request: GenerationRequest, head: PooledHead) {
    guard let pooling = request.pooling else { return nil }
    self.pooling = pooling
    self.head = head
    secondText = request.secondText
    isScored = request.isScored
    last = request.prompt.count - 1
  }

  func demand(of outputs: Range<Int>) -> RowDemand {
    var demand = RowDemand(states: outputs)
    demand.secondText = secondText
    return demand
  }

  mutating func take(_ row: StepRow, sampler: inout Sampler) {
    guard row.isState else { return }
    switch pooling {
    case .mean where row.position == pooled:
      if sum.isEmpty { sum = Array(repeating: 0, count: row.values.count) }
      for (index, value) in row.values.enumerated() { sum[index] += Double(value) }
      pooled += 1
    case .cls where row.position == 0: sum = row.values.map(Double.init)
    case .last where row.position == last: sum = row.values.map(Double.init)
    default: break
    }
  }

  func report(in report: inout PromptReport) {
    if isScored {
      report.score = head.score(of: state)
    } else if head.isPlain {
      let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // The mean and the sum differ in length only, which is made one.
      report.embedding = sum.map { norm > 0 ? Float($0 / norm) : Float($0) }
    } else {
      report.embedding = head.vector(of: state)
    }
  }

  /// The pooled state, [W].
  private var state: [Float] {
    let count = pooling == .mean ? Double(max(1, pooled)) : 1
    return sum.map { Float($0 / count) }
  }
}
