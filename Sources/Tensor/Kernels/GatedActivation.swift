import CKernels

/// The function of a feed-forward layer.
public enum Activation: CaseIterable, Sendable {
  /// x / (1 + exp(-x)).
  case silu
  /// x times the normal distribution up to x: by the error function.
  case gelu
  /// GELU as approximated by tanh.
  case geluTanh
  /// The greater of x and 0.
  case relu
  /// The square of the greater of x and 0.
  case reluSquared

  /// The function as the kernels name it.
  var kind: apus_activation_kind {
    switch self {
    case .silu: APUS_SILU
    case .gelu: APUS_GELU
    case .geluTanh: APUS_GELU_TANH
    case .relu: APUS_RELU
    case .reluSquared: APUS_RELU_SQUARED
    }
  }
}

/// The figures of xIELU: a square above 0, an exponential from 0 down.
///
/// Huang and Schlag, "Deriving Activation Functions Using Integration", 2024.
public struct XIELU: Hashable, Sendable {
  /// The factor on x² above 0.
  public var square: Float
  /// The factor on eˣ − 1 − x from 0 down.
  public var exponential: Float
  /// The factor on x.
  public var slope: Float
  /// What the exponential's argument is at most.
  public var ceiling: Float

  /// Names the figures.
  public init(square: Float, exponential: Float, slope: Float, ceiling: Float) {
    self.square = square
    self.exponential = exponential
    self.slope = slope
    self.ceiling = ceiling
  }
}

/// The figures of gates whose inputs are bounded: (u + 1) · g / (1 + exp(-slope · g)), g at most the limit,
/// u within plus and minus of it.
///
/// OpenAI, "gpt-oss-120b & gpt-oss-20b Model Card", 2025.
public struct BoundedGate: Hashable, Sendable {
  /// The bound.
  public var limit: Float
  /// The factor on gates in the logistic function.
  public var slope: Float

  /// Names the figures.
  public init(limit: Float, slope: Float) {
    self.limit = limit
    self.slope = slope
  }
}

extension Processor {
  /// Replaces each gate by its product with what it lets through, both bounded.
  public func boundedGate(
    _ gate: UnsafeMutablePointer<Float>, up: UnsafePointer<Float>, count: Int, figures: BoundedGate
  ) {
    var own = apus_bounded_gate(limit: figures.limit, slope: figures.slope)
    kernels.pointee.bounded_gate(gate, up, count, &own)
  }

  /// Replaces each x by its xIELU.
  public func xielu(_ x: UnsafeMutablePointer<Float>, count: Int, figures: XIELU) {
    var own = apus_xielu(
      square: figures.square, exponential: figures.exponential, slope: figures.slope,
      ceiling: figures.ceiling)
    kernels.pointee.xielu(x, count, &own)
  }

  /// Writes activation(gate) up, or activation(gate) without a partner; `out` may be an input.
  public func gated(
    _ activation: Activation, gate: UnsafePointer<Float>, up: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    kernels.pointee.gated(activation.kind, gate, up, out, count)
  }
}
