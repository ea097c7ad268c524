/// A mixer that keeps a state of fixed size for each sequence, in the place of keys and values of every
/// position.
package enum RecurrenceSpec: Sendable, Hashable {
  /// A gated convolution over a few positions.
  case shortConvolution(ShortConvolutionSpec)
  /// A state space with a decay for each channel and state: Gu and Dao, "Mamba", 2023.
  case mamba(MambaSpec)
  /// A state space with a decay for each head: Dao and Gu, "Transformers are SSMs", 2024.
  case mamba2(Mamba2Spec)
  /// The gated delta rule: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024.
  case gatedDelta(GatedDeltaSpec)
}

/// A causal convolution of each channel by itself.
package struct ConvolutionSpec: Sendable, Hashable {
  /// Positions that a result sees, its own the last, K.
  package var length: Int
  /// Whether something is added to each channel.
  package var hasBias: Bool
}

/// y = C · convolution(B · x), with B, C and x projections of the input as wide as the model.
package struct ShortConvolutionSpec: Sendable, Hashable {
  /// The model's width, W.
  package var width: Int
  /// The convolution.
  package var convolution: ConvolutionSpec
  /// Whether the projections have biases.
  package var hasBias = false
}

/// A state space of channels: the input is projected to x and a gate z, and the convolved x to dt, B and C.
package struct MambaSpec: Sendable, Hashable {
  /// Channels.
  package var inner: Int
  /// Numbers of the state for each channel.
  package var states: Int
  /// The length of what dt is projected from.
  package var rank: Int
  /// The convolution of x.
  package var convolution: ConvolutionSpec
  /// Whether the first and the last projection have biases.
  package var hasBias = false
  /// ε of norms without weights of what dt is projected from, of B and of C; nil for none.
  package var normEpsilon: Float?
}

/// A state space of heads: the input is projected to a gate z, x, B, C, and a dt for each head.
package struct Mamba2Spec: Sendable, Hashable {
  /// Where the norm of the results stands.
  package enum GatedNorm: Sendable, Hashable {
    /// y · silu(z).
    case none
    /// N(y · silu(z)).
    case afterGate
    /// N(y) · silu(z).
    case beforeGate
  }

  /// Heads, H.
  package var heads: Int
  /// The length of a head.
  package var headLength: Int
  /// Numbers of the state for each element of a head.
  package var states: Int
  /// Groups of heads that share B and C, and of elements that are normalised together.
  package var groups: Int
  /// The convolution of x, B and C.
  package var convolution: ConvolutionSpec
  /// Whether the projections have biases.
  package var hasBias = false
  /// The norm of the results.
  package var gatedNorm = GatedNorm.afterGate
  /// ε of that norm.
  package var normEpsilon: Float
  /// What dt is at least, and at most.
  package var stepRange: ClosedRange<Float> = 0...Float.greatestFiniteMagnitude
  /// Factors on what z, x, B, C and dt are projected to; nil for none.
  package var factors: [Float]?

  /// Elements of all heads.
  package var inner: Int { heads * headLength }
  /// What is convolved: x, B and C.
  package var channels: Int { inner + 2 * groups * states }
}

/// The gated delta rule: the input is projected to queries, keys and values, which are convolved, and for each
/// value head a gate z, a rate and a step.
package struct GatedDeltaSpec: Sendable, Hashable {
  /// Heads of queries and of keys.
  package var keyHeads: Int
  /// Heads of values.
  package var valueHeads: Int
  /// The length of a query and of a key.
  package var keyLength: Int
  /// The length of a value.
  package var valueLength: Int
  /// The convolution.
  package var convolution: ConvolutionSpec
  /// ε of the norm of the results.
  package var normEpsilon: Float
  /// Whether value head j has the keys of head j mod K, rather than those of head j / (V / K).
  package var tilesKeyHeads = false

  /// Elements of all queries, and of all keys.
  package var keyWidth: Int { keyHeads * keyLength }
  /// Elements of all values.
  package var valueWidth: Int { valueHeads * valueLength }
  /// What is convolved.
  package var channels: Int { 2 * keyWidth + valueWidth }
}

extension RecurrenceSpec {
  /// What is convolved, and by what.
  package var convolution: (spec: ConvolutionSpec, channels: Int) {
    switch self {
    case .shortConvolution(let own): (own.convolution, own.width)
    case .mamba(let own): (own.convolution, own.inner)
    case .mamba2(let own): (own.convolution, own.channels)
    case .gatedDelta(let own): (own.convolution, own.channels)
    }
  }

  /// The columns of what the input is projected to, and what is computed beside it.
  var projectedWidth: Int {
    switch self {
    case .shortConvolution(let own): 3 * own.width
    case .mamba(let own): 3 * own.inner
    case .mamba2(let own): own.inner + own.channels + own.heads
    case .gatedDelta(let own): own.channels + own.valueWidth + 2 * own.valueHeads
    }
  }

  /// The columns of what the last projection reads.
  var innerWidth: Int {
    switch self {
    case .shortConvolution(let own): own.width
    case .mamba(let own): own.inner
    case .mamba2(let own): own.inner
    case .gatedDelta(let own): own.valueWidth
    }
  }

  /// The columns of what Mamba projects its channels to.
  var scratchWidth: Int {
    if case .mamba(let own) = self { own.rank + 2 * own.states } else { 0 }
  }

  /// Floats of a sequence's state besides the last inputs of the convolution.
  private var matrixCount: Int {
    switch self {
    case .shortConvolution: 0
    case .mamba(let own): own.inner * own.states
    case .mamba2(let own): own.inner * own.states
    case .gatedDelta(let own): own.valueWidth * own.keyLength
    }
  }

  /// Floats of the last inputs of the convolution, rounded up to whole cache lines.
  var convolutionCount: Int {
    let (spec, channels) = convolution
    return ((spec.length - 1) * channels + 15) / 16 * 16
  }

  /// Floats of a sequence's state in the layer, in whole cache lines.
  package var stateCount: Int { convolutionCount + (matrixCount + 15) / 16 * 16 }
}

extension TransformerSpec {
  /// Whether some layer has a state.
  package var hasStates: Bool { layers.contains { $0.recurrence != nil } }

  /// Bytes of the states of all layers of a sequence.
  package var bytesPerState: Int {
    layers.reduce(0) { $0 + ($1.recurrence?.stateCount ?? 0) } * MemoryLayout<Float>.stride
  }
}
