import CKernels

/// The constants of one layer normalization: Ba et al., "Layer Normalization", 2016.
// Unchecked: nothing writes to the weights and biases.
public struct LayerNorm: @unchecked Sendable {
  /// A factor for each element, `[count]`; nil for none.
  public let weights: UnsafePointer<Float>?
  /// What is added to each element then, `[count]`; nil for nothing.
  public let biases: UnsafePointer<Float>?
  /// The length of a row.
  public let count: Int
  /// Added to the variance.
  public let epsilon: Float

  /// Creates a normalization; `weights` and `biases` must outlive it.
  public init(
    weights: UnsafePointer<Float>?, biases: UnsafePointer<Float>?, count: Int, epsilon: Float
  ) {
    self.weights = weights
    self.biases = biases
    self.count = count
    self.epsilon = epsilon
  }

  /// Writes (x - mean(x)) weights / sqrt(variance(x) + epsilon) + biases; `out` may be `x`.
  public func apply(
    to x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, using processor: Processor
  ) {
    processor.kernels.pointee.layer_norm(x, weights, biases, out, count, epsilon)
  }
}
