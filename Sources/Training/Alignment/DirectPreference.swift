import CTraining

/// Learning from pairs of answers of which one was preferred: Rafailov et al., "Direct Preference
/// Optimization", 2023.
package struct DirectPreference: Sendable, Hashable {
  /// β: how dear it is to leave the reference.
  package var beta = 0.1
  /// ε: the part of pairs that are taken to be the wrong way round.
  package var labelSmoothing = 0.0

  /// Takes the usual numbers.
  package init() {}

  /// The logarithms of the probabilities of a pair's answers, each a sum over the answer's tokens.
  package struct Pair: Sendable, Hashable {
    private let policyChosen: Double
    private let policyRejected: Double
    private let referenceChosen: Double
    private let referenceRejected: Double

    /// Names the sums by the model that learns, and by the model that it began as.
    package init(
      policy: (chosen: Double, rejected: Double), reference: (chosen: Double, rejected: Double)
    ) {
      (policyChosen, policyRejected) = policy
      (referenceChosen, referenceRejected) = reference
    }

    /// How much more the model that learns prefers the chosen answer than the reference does.
    var margin: Double {
      (policyChosen - referenceChosen) - (policyRejected - referenceRejected)
    }
  }

  /// -(1 - ε) log σ(βΔ) - ε log σ(-βΔ), for the margin Δ of a pair.
  package func loss(_ pair: Pair) -> Double {
    let z = beta * pair.margin
    return (1 - labelSmoothing) * Self.softplus(-z) + labelSmoothing * Self.softplus(z)
  }

  /// The factor on -log p of each token of the chosen answer; that of the rejected one is its negative.
  package func weight(_ pair: Pair) -> Double {
    let z = beta * pair.margin
    return beta
      * ((1 - labelSmoothing) * Self.sigmoid(-z) - labelSmoothing * Self.sigmoid(z))
  }

  /// (Δ - 1 / 2β)², where the margin Δ is made of means over the tokens of each answer: Azar et al., "A General
  /// Theoretical Paradigm to Understand Learning from Human Preferences", 2023.
  package func identityLoss(meanMargin: Double) -> Double {
    let distance = meanMargin - 1 / (2 * beta)
    return distance * distance
  }

  /// log(1 + eˣ), without overflow.
  private static func softplus(_ x: Double) -> Double {
    max(x, 0) + apus_logarithm(1 + apus_exponential(-x.magnitude))
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + apus_exponential(-x)) }
}
