import CTraining

/// y = x g / √(mean(x²) + ε): Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
struct RMSNormBlock {
  /// g, [W].
  let weight: ParameterTensor
  /// ε.
  let epsilon: Float

  /// Writes y, [N, W].
  func forward(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int? = nil,
    _ pass: LeafPass
  ) {
    var work = work(x, rows: rows, pass)
    pass.products.kernels.table.pointee.norm(&work, y)
  }

  /// Adds the gradient of x to `dx`, [N, W], and that of g to the parameters'.
  func backward(
    _ dy: UnsafePointer<Float>, at x: UnsafePointer<Float>,
    addingTo dx: UnsafeMutablePointer<Float>,
    rows: Int? = nil, _ pass: LeafPass
  ) {
    guard let gradient = pass.gradient else { return }
    var work = work(x, rows: rows, pass)
    pass.products.kernels.table.pointee.norm_backward(&work, dy, dx, gradient + weight.offset)
  }

  private func work(_ x: UnsafePointer<Float>, rows: Int?, _ pass: LeafPass) -> apus_row_norm {
    apus_row_norm(
      rows: rows ?? pass.rows, width: weight.columns, x: x, g: pass.weights + weight.offset,
      epsilon: epsilon)
  }
}
