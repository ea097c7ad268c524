/// y = x Wᵀ.
struct Linear {
  /// The number of W, [out, in], among the parameters.
  let index: Int
  /// W.
  let weight: ParameterTensor

  /// Writes y, [N, out], or adds it to what is there.
  func forward(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adding: Bool = false,
    rows: Int? = nil, _ pass: LeafPass
  ) {
    let matrix = MatrixView(pass.weights + weight.offset, columns: weight.columns)
    var product = MatrixProduct(
      rows: rows ?? pass.rows, columns: weight.rows, depth: weight.columns,
      left: MatrixView(x, columns: weight.columns), right: matrix.turned)
    product.packed = pass.packed.forward(index)
    pass.products.multiply(product, into: y, adding: adding)
  }

  /// Writes dx = dy W, [N, in], or adds it to what is there.
  func backward(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, adding: Bool = false,
    rows: Int? = nil, _ pass: LeafPass
  ) {
    var product = MatrixProduct(
      rows: rows ?? pass.rows, columns: weight.columns, depth: weight.rows,
      left: MatrixView(dy, columns: weight.rows),
      right: MatrixView(pass.weights + weight.offset, columns: weight.columns))
    product.packed = pass.packed.backward(index)
    pass.products.multiply(product, into: dx, adding: adding)
  }

  /// Adds dW = dyᵀ x; the sum runs over the rows in order.
  func addGradient(
    _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, rows: Int? = nil, _ pass: LeafPass
  ) {
    guard let gradient = pass.gradient else { return }
    let product = MatrixProduct(
      rows: weight.rows, columns: weight.columns, depth: rows ?? pass.rows,
      left: MatrixView(dy, columns: weight.rows).turned,
      right: MatrixView(x, columns: weight.columns))
    pass.products.multiply(product, into: gradient + weight.offset, adding: true)
  }
}
