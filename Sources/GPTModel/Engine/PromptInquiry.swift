import Tokenizers

/// Gathers what a request wants to know of its prompt, position after position.
///
/// A position that is computed again, because its sequence lost its pages, counts once. Nothing here
/// depends on how the positions were cut into steps.
struct PromptInquiry {
  private let prompt: [Token]
  private let alternatives: Int?
  private let pooling: Pooling?
  private var logprobs: [TokenLogprobs] = []
  /// The sum of the states so far, [W].
  private var sum: [Double] = []
  private var pooled = 0

  /// Begins to gather; nil where nothing is wanted.
  init?(_ request: GenerationRequest) {
    guard request.promptAlternatives != nil || request.pooling != nil else { return nil }
    prompt = request.prompt
    alternatives = request.promptAlternatives
    pooling = request.pooling
  }

  /// Whether logits are wanted.
  var wantsLogits: Bool { alternatives != nil }
  /// Whether states are wanted.
  var wantsStates: Bool { pooling != nil }

  /// Takes the logits of a position, [V], which say how likely the next token was.
  mutating func take(
    logits: UnsafeBufferPointer<Float>, at position: Int, sampler: inout Sampler
  ) {
    guard let alternatives, position == logprobs.count, position + 1 < prompt.count else { return }
    logprobs.append(
      sampler.rankedLogprobs(of: prompt[position + 1], in: logits, alternatives: alternatives))
  }

  /// Takes the state of a position, [W].
  mutating func take(state: UnsafeBufferPointer<Float>, at position: Int) {
    switch pooling {
    case .mean where position == pooled:
      if sum.isEmpty { sum = Array(repeating: 0, count: state.count) }
      for (index, value) in state.enumerated() { sum[index] += Double(value) }
      pooled += 1
    case .last where position == prompt.count - 1: sum = state.map(Double.init)
    default: break
    }
  }

  /// All that was gathered, once the whole prompt was computed.
  var report: PromptReport {
    let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // The mean and the sum differ in length only, which is made one.
    return PromptReport(
      logprobs: logprobs, embedding: sum.map { norm > 0 ? Float($0 / norm) : Float($0) })
  }
}
