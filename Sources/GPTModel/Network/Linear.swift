import Tensor

/// A linear layer: x · Wᵀ + b.
struct Linear {
  /// The weights, [N, K].
  let weight: WeightMatrix
  /// The bias, [N], where there is one.
  let bias: Vector?
  /// What each adapter adds to the product; none where none does.
  var updates: [LowRankUpdate?] = []

  /// The product that writes to a matrix.
  func item(to destination: Matrix) -> LinearGroup.Item {
    item(to: Destination(matrix: destination, isResidual: false))
  }

  /// The product that writes where a block's output goes.
  func item(to destination: Destination) -> LinearGroup.Item {
    LinearGroup.Item(
      weights: weight, bias: bias, destination: destination.matrix,
      accumulate: destination.isResidual)
  }
}

/// Where a block's output goes.
struct Destination {
  /// [T, W].
  let matrix: Matrix
  /// Whether the output is added, as to the residual stream.
  let isResidual: Bool
}
