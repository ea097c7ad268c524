/// How weights are stepped.
package struct OptimizerSettings: Sendable, Hashable {
  /// The rule for matrices of layers; all else is stepped by AdamW.
  package enum MatrixRule: String, Sendable, CaseIterable {
    /// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017.
    case adamW
    /// Jordan et al., "Muon", 2024: momentum whose singular values are made equal.
    case muon
  }

  /// The rule for matrices of layers.
  package var matrixRule = MatrixRule.adamW
  /// β₁ of AdamW.
  package var firstBeta = 0.9
  /// β₂ of AdamW.
  package var secondBeta = 0.95
  /// ε of AdamW.
  package var epsilon = 1e-8
  /// λ: the decay of the matrices of layers.
  package var weightDecay = 0.1
  /// The greatest norm of a gradient; longer ones are shortened. Nil for none.
  package var clip: Double? = 1
  /// μ of Muon.
  package var momentum = 0.95
  /// The rate of Muon as a multiple of that of AdamW.
  package var muonRate = 1.0

  /// Takes the usual numbers.
  package init() {}
}
