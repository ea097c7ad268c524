import CTraining

/// The row of each token.
struct EmbeddingBlock {
  /// E, [V, W].
  let weight: ParameterTensor

  /// Writes rows, [N, W].
  func forward(into x: UnsafeMutablePointer<Float>, _ pass: LeafPass) {
    for (row, token) in pass.leaf.tokens.enumerated() {
      let source = pass.weights + weight.offset + Int(token) * weight.columns
      (x + row * weight.columns).update(from: source, count: weight.columns)
    }
  }

  /// Adds the gradient of each row to that of its token, in the order of the rows.
  func backward(_ dx: UnsafePointer<Float>, _ pass: LeafPass) {
    guard let gradient = pass.gradient else { return }
    for (row, token) in pass.leaf.tokens.enumerated() {
      pass.products.kernels.table.pointee.add(
        gradient + weight.offset + Int(token) * weight.columns, dx + row * weight.columns,
        weight.columns)
    }
  }
}
