import CKernels

/// The constants of one RMS normalization.
// Unchecked: nothing writes to the weights.
public struct RMSNorm: @unchecked Sendable {
  /// A factor for each element, `[count]`.
  public let weights: UnsafePointer<Float>
  /// The length of a row.
  public let count: Int
  /// Added to the mean of the squares.
  public let epsilon: Float

  /// Creates a normalization; `weights` must outlive it.
  public init(weights: UnsafePointer<Float>, count: Int, epsilon: Float) {
    self.weights = weights
    self.count = count
    self.epsilon = epsilon
  }

  /// Writes x weights / sqrt(mean(x^2) + epsilon); `out` may be `x`.
  public func apply(
    to x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, using processor: Processor
  ) {
    processor.kernels.pointee.rms_norm(x, weights, out, count, epsilon)
  }
}
