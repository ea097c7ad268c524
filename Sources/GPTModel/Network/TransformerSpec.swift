package import ModelFiles
package import Tensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A decoder or an encoder as values: what each layer is made of, and how wide it is.
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
  /// Residual streams beside the one that layers change; nil for none.
  package var streams: StreamsSpec?
  /// What is made of the states of a text as a whole.
  package var pooled = PooledSpec()
}

/// What is done with a token's row of the embedding.
package struct EmbeddingSpec: Sendable, Hashable {
  /// A factor on every element.
  package var scale: Float = 1
  /// What is added by position; nil for nothing.
  package var positions: PositionEmbedding?
  /// Rows of a table of which the first is added in a first text, the second in a second; nil for none.
  package var types: Int?
  /// The norm then; nil for none.
  package var norm: NormSpec?
  /// The length of a row, E, where another matrix [W, E] takes it to W, and one [E, W] the last states
  /// back; nil where it is W.
  package var width: Int?
  /// A second embedding, of which each layer takes a part of its own; nil for none.
  package var perLayer: PerLayerEmbedding?
}

extension EmbeddingSpec {
  /// Whether rows of other tables are added.
  var addsRows: Bool { positions != nil || types != nil }
}

/// A row of a table for each position, which is added to the token's.
package struct PositionEmbedding: Sendable, Hashable {
  /// Rows of the table.
  package var rows: Int
  /// The row of the first position.
  package var first = 0
}

/// How logits are made of the last layer's output.
package struct HeadSpec: Sendable, Hashable {
  /// The norm before the product; nil for none.
  package var norm: NormSpec?
  /// Whether the product's weights are the embedding.
  package var isTied: Bool
  /// Whether there are logits at all.
  package var hasLogits = true
  /// Whether the product has a bias.
  package var hasBias = false
  /// A factor on logits, before they are bound.
  package var scale: Float = 1
  /// The bound c of c · tanh(logit / c); nil for none.
  package var softCap: Float?
}

/// A normalisation of rows.
package struct NormSpec: Sendable, Hashable {
  /// How rows are normalised.
  package enum Kind: Sendable, Hashable {
    /// x · w / √(mean(x²) + ε): Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
    case rootMeanSquare
    /// (x - mean(x)) · w / √(variance(x) + ε) + b, where there are weights and biases: Ba et al., "Layer
    /// Normalization", 2016.
    case layer(hasWeight: Bool, hasBias: Bool)
  }

  /// ε.
  package var epsilon: Float
  /// How rows are normalised.
  package var kind = Kind.rootMeanSquare

  /// Whether there are weights w.
  package var hasWeight: Bool {
    if case .layer(let hasWeight, _) = kind { hasWeight } else { true }
  }

  /// Whether there are biases b.
  package var hasBias: Bool {
    if case .layer(_, let hasBias) = kind { hasBias } else { false }
  }
}

/// One layer: mixers of positions, attention or a recurrence or both side by side, then a feed-forward
/// network, each added to the residual stream h where the layer has it.
package struct LayerSpec: Sendable, Hashable {
  /// The attention; nil where the layer has none.
  package var attention: AttentionSpec?
  /// The mixer with a state, which reads what attention reads; nil where the layer has none.
  package var recurrence: RecurrenceSpec?
  /// The feed-forward network; nil where the layer has none, or experts.
  package var feedForward: MLPSpec?
  /// The experts in the place of a feed-forward network, or beside it; nil where the layer has none.
  package var experts: ExpertsSpec?
  /// Where the norms stand.
  package var placement: NormPlacement
  /// The norms.
  package var norm: NormSpec
  /// A factor on what each block adds.
  package var residualScale: Float = 1
  /// What the layer does with its part of the second embedding; nil for nothing.
  package var perLayer: PerLayerInput?
  /// The rank of a linear map beside attention; nil for none.
  package var laurelRank: Int?
  /// Whether the residual stream is multiplied by a number at the end, where files have one.
  package var hasOutputScale = false
  /// Whether the first block reads the residual stream as it is, where others read a norm of it.
  package var omitsFirstNorm = false
  /// A factor on what attention adds, besides.
  package var attentionScale: Float = 1
  /// The same of the recurrence.
  package var recurrenceScale: Float = 1
  /// The same of the feed-forward network.
  package var feedForwardScale: Float = 1

  /// Whether there is nothing but the feed-forward network, whose norm then is the first of the layer.
  package var isFeedForwardOnly: Bool { attention == nil && recurrence == nil }

  /// Whether experts stand beside a feed-forward network, with norms and a router's input of their own.
  package var hasExpertsBeside: Bool { feedForward != nil && experts != nil }

  /// Whether there is a feed-forward network, or experts.
  package var hasFeedForward: Bool { feedForward != nil || experts != nil }

  /// Whether something happens before what a block gives is added.
  package var changesBranches: Bool {
    placement.hasPostNorm || placement == .parallelApart || residualScale != 1
      || attentionScale != 1 || recurrenceScale != 1 || feedForwardScale != 1
  }

  /// The layer with another window; nil for none.
  func with(window: Int?) -> LayerSpec {
    var layer = self
    layer.attention?.window = window
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
  /// h + A(N(h)) + M(N(h)): attention A and the feed-forward network M read the same norm.
  case parallel
  /// The same with a norm for each, A's and M's.
  case parallelApart
  /// N(h + M(h)), as the first Transformers had it.
  case afterSum
  /// N(h) + M(N(h)).
  case beforeSum

  /// Whether blocks read norms of the residual stream, each one of its own.
  package var hasPreNorm: Bool { self == .pre || self == .sandwich || self == .parallelApart }
  /// Whether the norm of a block's output is added.
  package var hasPostNorm: Bool { self == .sandwich || self == .post }
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
  /// Whether what was gathered is multiplied by 1 / (1 + exp(-g)), g being projected as queries are.
  package var hasOutputGate = false
  /// The norm of queries and keys, where there is one.
  package var queryKeyNorm: QueryKeyNorm?
  /// How queries and keys are rotated by position; nil for not at all.
  package var rotary: RotarySpec?
  /// How queries grow with their position; nil for not at all.
  package var temperature: AttentionTemperature?
  /// The bound on elements of queries, keys and values as they are projected; nil for none.
  package var clamp: Float?
  /// How scores fall with distance; nil for not at all.
  package var alibi: Alibi?
  /// Whether each query head has a logit more, the sink, whose weight is dropped: Xiao et al., "Efficient
  /// Streaming Language Models with Attention Sinks", 2024.
  package var hasSinks = false
  /// Whether a query sees no position after its own; otherwise it sees all, as in Devlin et al., "BERT", 2019.
  package var isCausal = true
  /// Positions that a query sees, its own the last, or in the middle where it sees those after it; nil for
  /// all.
  package var window: Int?
  /// The length of chunks of positions, of which a query sees its own alone; nil for all before it.
  package var chunk: Int?
  /// The bound c of c · tanh(score / c); nil for none.
  package var softCap: Float?
  /// ε of the norm of each head's values, which has no weights; nil for none.
  package var valueEpsilon: Float?
  /// Whether values are the keys as they are projected.
  package var valuesAreKeys = false
  /// The layer whose keys and values are attended to; nil where the layer has its own.
  package var source: Int?
  /// How keys and values of all heads are made of a latent, which alone is cached; nil for not at all.
  package var latent: LatentSpec?

  /// Whether there is a projection of values.
  package var hasValueProjection: Bool { source == nil && !valuesAreKeys }
  /// The length of what the cache keeps as a key, D′: D rounded up to what kernels take, but for latents.
  package var keptLength: Int { latent?.keptLength ?? (headLength + 15) / 16 * 16 }
  /// The columns of queries as they meet keys, Q · D′.
  package var queryWidth: Int { queryHeads * keptLength }
  /// The columns of keys, and of values, as the cache keeps them, G · D′.
  package var keyValueWidth: Int { keyValueHeads * keptLength }
  /// The columns of queries as they are projected, Q · D.
  package var projectedQueryWidth: Int { queryHeads * headLength }
  /// The columns of keys, and of values, as they are projected, G · D.
  package var projectedKeyValueWidth: Int { keyValueHeads * headLength }
  /// The columns of what the last product reads.
  package var attendedWidth: Int { queryHeads * (latent?.valueLength ?? headLength) }
}

/// The norm of queries and keys.
package struct QueryKeyNorm: Sendable, Hashable {
  /// What is normalised together.
  package enum Extent: Sendable, Hashable {
    /// Each head by itself, with the same weights [D] for all heads.
    case head
    /// All heads of a row, with weights [Q D] for queries and [G D] for keys.
    case row
    /// Each head by itself, with weights [D] of its own.
    case ownHead
  }

  /// What is normalised together.
  package var extent: Extent
  /// The norm.
  package var norm: NormSpec
  /// Whether queries and keys are rotated first.
  package var followsRotation = false
  /// Whether there are weights; without them each head is normalised by itself.
  package var hasWeights = true
}

/// Scores that fall with distance, for each head by another slope: Press et al., "Train Short, Test
/// Long", 2022.
package struct Alibi: Sendable, Hashable {
  /// The negative power of two that the last slope is, where the heads are a power of two.
  package var maximum = 8.0
  /// A factor on all slopes.
  package var scale = 1.0

  /// What scores fall by for each position, [Q]: 2^(-maximum (i + 1) / P) for the greatest power of two P
  /// of heads, and for those beyond every other slope of twice as many.
  func slopes(heads: Int) -> [Float] {
    let power = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
    return (0..<heads).map { head in
      let (place, count) = head < power ? (head + 1, power) : (2 * (head - power) + 1, 2 * power)
      return Float(scale * exp2(-maximum * Double(place) / Double(count)))
    }
  }
}

/// How queries grow with their position p: q · (1 + β · ln(1 + ⌊(p + first) / length⌋)).
///
/// Nakanishi, "Scalable-Softmax Is Superior for Attention", 2025, in the form that Llama 4 gave it.
package struct AttentionTemperature: Sendable, Hashable {
  /// β.
  package var scale: Double
  /// Positions until queries start to grow.
  package var length: Int
  /// The number of the first position.
  package var first = 0

  /// The factor on the queries of a position.
  func factor(at position: Int) -> Float {
    Float(1 + scale * log(1 + Double((position + first) / length)))
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
  /// The figures of bounded gates, which then take the activation's place in a network with a gate.
  package var boundedGate: BoundedGate?
  /// A factor on gates, before they are activated.
  package var gateScale: Float = 1
  /// Whether there is a gate.
  package var isGated = true
  /// Whether the projections have biases.
  package var hasBias = false
  /// Of a row's gates those count that are above the mean by so many standard deviations, and by what they
  /// are above that; nil for all as they are.
  package var threshold: Float?
}
