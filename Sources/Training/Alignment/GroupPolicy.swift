import CTraining

/// Learning from rewards of several answers to one question: Shao et al., "DeepSeekMath", 2024.
package struct GroupPolicy: Sendable, Hashable {
  /// How the losses of tokens become one number.
  package enum Aggregation: Sendable, Hashable {
    /// The mean over all tokens: Yu et al., "DAPO", 2025.
    case tokens
    /// The mean over answers of the means over their tokens.
    case answers
    /// The sum over all tokens by the answers and the most tokens of one, with rewards that are centred alone:
    /// Liu et al., "Understanding R1-Zero-Like Training", 2025.
    case longest(Int)
  }

  /// How far a ratio of probabilities may fall below 1.
  package var lowest = 0.2
  /// How far a ratio may rise above 1.
  package var highest = 0.28
  /// β: the price of leaving the reference.
  package var beta = 0.0
  /// How the losses of tokens become one number.
  package var aggregation = Aggregation.tokens

  /// Takes the usual numbers.
  package init() {}

  /// What is added to the deviation of rewards.
  private static let deviationFloor = 1e-4

  /// How much better each answer of a group is than the others; nil where all are alike and teach nothing.
  package func advantages(_ rewards: [Double]) -> [Double]? {
    guard let first = rewards.first, rewards.contains(where: { $0 != first }) else { return nil }
    let mean = rewards.reduce(0, +) / Double(rewards.count)
    let centred = rewards.map { $0 - mean }
    if case .longest = aggregation { return centred }
    let squares = centred.reduce(0) { $0 + $1 * $1 }
    let deviation = (squares / Double(rewards.count - 1)).squareRoot()
    return centred.map { $0 / (deviation + Self.deviationFloor) }
  }

  /// The logarithms of a token's probability.
  package struct Token: Sendable, Hashable {
    /// By the model that learns.
    let policy: Double
    /// By the model that wrote the answer.
    let old: Double
    /// By the reference.
    let reference: Double

    /// Names all three.
    package init(policy: Double, old: Double, reference: Double) {
      self.policy = policy
      self.old = old
      self.reference = reference
    }
  }

  /// What a token adds.
  package struct Term: Sendable, Hashable {
    /// -min(ρA, clip(ρ) A) + β (eᵈ - d - 1), with ρ = π / π_old and d = log π_ref - log π.
    package var loss: Double
    /// The factor on -log p of the token.
    package var weight: Double
    /// Whether the ratio was beyond its bounds, and the token does not move the policy.
    package var isClipped: Bool
  }

  /// The loss of a token of an answer, and its derivative.
  package func term(_ token: Token, advantage: Double) -> Term {
    let ratio = apus_exponential(token.policy - token.old)
    let bounded = min(max(ratio, 1 - lowest), 1 + highest)
    let isClipped = bounded * advantage < ratio * advantage
    let distance = token.reference - token.policy
    let growth = apus_exponential(distance)
    return Term(
      loss: -min(ratio * advantage, bounded * advantage) + beta * (growth - distance - 1),
      weight: (isClipped ? 0 : ratio * advantage) + beta * (growth - 1), isClipped: isClipped)
  }

  /// The part that each token of an answer has in the loss of a batch.
  ///
  /// - Parameters:
  ///   - length: Tokens of the answer.
  ///   - tokens: Tokens of all answers.
  ///   - answers: Answers of the batch, those that teach nothing among them.
  package func share(length: Int, tokens: Int, answers: Int) -> Double {
    switch aggregation {
    case .tokens: 1 / Double(tokens)
    case .answers: 1 / (Double(length) * Double(answers))
    case .longest(let most): 1 / (Double(answers) * Double(most))
    }
  }
}
