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

extension Processor {
  /// Writes activation(gate) up, or activation(gate) without a partner; `out` may be an input.
  public func gated(
    _ activation: Activation, gate: UnsafePointer<Float>, up: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    kernels.pointee.gated(activation.kind, gate, up, out, count)
  }
}
