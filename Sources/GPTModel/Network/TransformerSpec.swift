package import ModelFiles
package import Tensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A decoder as values: what each layer is made of, and how wide it is.
///
/// An architecture makes one from a model's configuration. The builder, the list of tensors, the
/// memory estimate and the tests read it; none of them knows which architecture made it.
package struct TransformerSpec: Sendable, Hashable {
  /// Model width, W.
  package var width: Int
  /// Vocabulary, V: the rows of the embedding.
  package var vocabularySize: Int
  /// Positions the model was made for, C.
  package var contextLength: Int
  /// What is done with a token's row of the embedding.
  package var embedding = EmbeddingSpec()
  /// The layers, first to last, [L].
  package var layers: [LayerSpec]
  /// How logits are made of the last layer's output.
  package var head: HeadSpec
}

/// What is done with a token's row of the embedding.
package struct EmbeddingSpec: Sendable, Hashable {
  /// A factor on every element.
  package var scale: Float = 1
}

/// How logits are made of the last layer's output.
package struct HeadSpec: Sendable, Hashable {
  /// The norm before the product.
  package var norm: NormSpec
  /// Whether the product's weights are the embedding.
  package var isTied: Bool
  /// A factor on logits, before they are bound.
  package var scale: Float = 1
  /// The bound c of c · tanh(logit / c); nil for none.
  package var softCap: Float?
}

/// Root-mean-square normalisation: x · w / √(mean(x²) + ε).
///
/// Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
package struct NormSpec: Sendable, Hashable {
  /// ε.
  package var epsilon: Float
}

/// One layer: attention, then a feed-forward network, each added to the residual stream h.
package struct LayerSpec: Sendable, Hashable {
  /// The attention.
  package var attention: AttentionSpec
  /// The feed-forward network.
  package var feedForward: MLPSpec
  /// Where the norms stand.
  package var placement: NormPlacement
  /// The norms.
  package var norm: NormSpec
  /// A factor on what each block adds.
  package var residualScale: Float = 1

  /// Whether something happens to what a block gives before it is added.
  package var changesBranches: Bool { placement.hasPostNorm || residualScale != 1 }

  /// The layer with another window; nil for none.
  func with(window: Int?) -> LayerSpec {
    var layer = self
    layer.attention.window = window
    return layer
  }
}

/// Where the norms N of a block M stand.
package enum NormPlacement: Sendable, Hashable {
  /// h + M(N(h)).
  case pre
  /// h + N(M(N(h))), each with weights of its own.
  case sandwich
  /// h + N(M(h)).
  case post

  /// Whether a norm stands before the block.
  package var hasPreNorm: Bool { self != .post }
  /// Whether a norm follows the block.
  package var hasPostNorm: Bool { self != .pre }
}

/// Attention of Q query heads that share G key-value heads: Ainslie et al., "GQA", 2023.
package struct AttentionSpec: Sendable, Hashable {
  /// Query heads, Q.
  package var queryHeads: Int
  /// Key-value heads, G.
  package var keyValueHeads: Int
  /// Head length, D.
  package var headLength: Int
  /// The factor on scores, usually 1 / √D.
  package var scale: Float
  /// Whether queries, keys and values have biases.
  package var hasInputBias = false
  /// Whether the output has a bias.
  package var hasOutputBias = false
  /// The norm of queries and keys, where there is one.
  package var queryKeyNorm: QueryKeyNorm?
  /// How queries and keys are rotated by position; nil for not at all.
  package var rotary: RotarySpec?
  /// How queries grow with their position; nil for not at all.
  package var temperature: AttentionTemperature?
  /// Positions that a query sees, its own included; nil for all before it.
  package var window: Int?
  /// The bound c of c · tanh(score / c); nil for none.
  package var softCap: Float?

  /// The columns of queries, Q · D.
  package var queryWidth: Int { queryHeads * headLength }
  /// The columns of keys, and of values, G · D.
  package var keyValueWidth: Int { keyValueHeads * headLength }
}

/// The norm of queries and keys.
package struct QueryKeyNorm: Sendable, Hashable {
  /// What is normalised together.
  package enum Extent: Sendable, Hashable {
    /// Each head by itself, with the same weights [D] for all heads.
    case head
    /// All heads of a row, with weights [Q D] for queries and [G D] for keys.
    case row
  }

  /// What is normalised together.
  package var extent: Extent
  /// The norm.
  package var norm: NormSpec
  /// Whether queries and keys are rotated first.
  package var followsRotation = false
}

/// How queries grow with their position p: q · (1 + β · ln(1 + ⌊p / length⌋)).
///
/// Nakanishi, "Scalable-Softmax Is Superior for Attention", 2025, in the form that Llama 4 gave it.
package struct AttentionTemperature: Sendable, Hashable {
  /// β.
  package var scale: Double
  /// Positions until queries start to grow.
  package var length: Int

  /// The factor on the queries of a position.
  func factor(at position: Int) -> Float {
    Float(1 + scale * log(1 + Double(position / length)))
  }
}

/// Where the figures of a layer's xIELU are found.
package enum XIELUFigures: Sendable, Hashable {
  /// In the configuration.
  case stated(XIELU)
  /// In tensors of one number: `ffn_act_square` and `ffn_act_exponential` before they are made positive,
  /// `ffn_act_slope` and `ffn_act_ceiling`.
  case tensors
}

extension XIELU {
  /// The factor on x of models that state none.
  package static let usualSlope: Float = 0.5
  /// The ceiling of models that state none.
  package static let usualCeiling: Float = -1e-6

  /// The figures as they are trained: the factors are ln(1 + eᵃ), on exponentials with the slope added.
  init(trainedSquare: Float, trainedExponential: Float, slope: Float, ceiling: Float) {
    func positive(_ value: Float) -> Float {
      Float(value > 30 ? Double(value) : log1p(exp(Double(value))))
    }
    self.init(
      square: positive(trainedSquare), exponential: slope + positive(trainedExponential),
      slope: slope, ceiling: ceiling)
  }
}

/// A feed-forward network: down(activation(gate(x)) · up(x)), or without gate down(activation(up(x))).
///
/// Shazeer, "GLU Variants Improve Transformer", 2020.
package struct MLPSpec: Sendable, Hashable {
  /// Feed-forward width, F.
  package var width: Int
  /// What is applied to the gate.
  package var activation: Activation
  /// The figures of xIELU, which then takes the activation's place in a network without gate.
  package var xielu: XIELUFigures?
  /// Whether there is a gate.
  package var isGated = true
  /// Whether the projections have biases.
  package var hasBias = false
}
