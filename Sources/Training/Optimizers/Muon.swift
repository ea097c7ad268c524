import CTraining
import Tensor

/// Steps a matrix by its momentum with all singular values brought near 1: Jordan et al., "Muon", 2024.
struct Muon {
  /// The coefficients of an odd polynomial of the fifth degree, applied five times.
  private static let coefficients: (a: Float, b: Float, c: Float) = (3.4445, -4.7750, 2.0315)
  private static let iterations = 5

  /// A matrix, [rows, columns], its momentum and its gradient.
  struct Matrix {
    let tensor: ParameterTensor
    let weights: UnsafeMutablePointer<Float>
    let momentum: UnsafeMutablePointer<Float>
    let gradient: UnsafePointer<Float>
  }

  let products: MatrixProducts
  let settings: OptimizerSettings

  /// Elements that a thread takes for a matrix: X, A, A² and the next X.
  static func scratch(_ tensor: ParameterTensor) -> Int {
    let narrow = min(tensor.rows, tensor.columns)
    return 2 * tensor.count + 2 * narrow * narrow
  }

  /// Elements of the largest right matrix of a product, in panels.
  static func largestRight(_ tensor: ParameterTensor, panel: Int) -> Int {
    let narrow = min(tensor.rows, tensor.columns)
    let wide = max(tensor.rows, tensor.columns)
    return max(wide * narrow.roundedUp(to: panel), narrow * wide.roundedUp(to: panel))
  }

  /// B ← μB + g; w ← w (1 - ηλ) - 0.2 η √max(rows, columns) · orthogonal(g + μB).
  ///
  /// - Parameters:
  ///   - scale: A factor on the gradient.
  ///   - scratch: Memory for what `scratch` says.
  func step(
    _ matrix: Matrix, rate: Double, scale: Double, scratch: UnsafeMutablePointer<Float>
  ) {
    let tensor = matrix.tensor
    let table = products.kernels.table.pointee
    let mu = Float(settings.momentum)
    table.blend(matrix.momentum, mu, matrix.gradient, Float(scale), tensor.count)
    let x = scratch
    x.update(from: matrix.momentum, count: tensor.count)
    table.blend(x, mu, matrix.gradient, Float(scale), tensor.count)
    orthogonalize(x, rows: tensor.rows, columns: tensor.columns, scratch: x + tensor.count)
    let size = Double(max(tensor.rows, tensor.columns)).squareRoot()
    table.blend(
      matrix.weights, Float(1 - rate * settings.weightDecay), x, Float(-rate * 0.2 * size),
      tensor.count)
  }

  /// Brings all singular values of x, [rows, columns], near 1 by a Newton-Schulz iteration.
  ///
  /// - Parameter scratch: The elements of x once more, and two square matrices of its narrow side.
  func orthogonalize(
    _ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let table = products.kernels.table.pointee
    let count = rows * columns
    let narrow = min(rows, columns)
    let length = table.sum_squares(x, count).squareRoot() + 1e-7
    table.blend(x, Float(1 / length), x, 0, count)
    let next = scratch
    let square = scratch + count
    let fourth = square + narrow * narrow
    for _ in 0..<Self.iterations {
      gram(x, rows: rows, columns: columns, into: square)
      multiply(square, square, size: narrow, into: fourth)
      table.blend(square, Self.coefficients.b, fourth, Self.coefficients.c, narrow * narrow)
      apply(square, to: x, rows: rows, columns: columns, into: next)
      table.blend(x, Self.coefficients.a, next, 1, count)
    }
  }

  /// X Xᵀ of the wide orientation of x.
  private func gram(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let view = MatrixView(x, columns: columns)
    let wide = rows <= columns ? view : view.turned
    let narrow = min(rows, columns)
    products.multiply(
      MatrixProduct(
        rows: narrow, columns: narrow, depth: max(rows, columns), left: wide, right: wide.turned),
      into: out)
  }

  private func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, size: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    products.multiply(
      MatrixProduct(
        rows: size, columns: size, depth: size, left: MatrixView(a, columns: size),
        right: MatrixView(b, columns: size)), into: out)
  }

  /// M X, or X M where X is tall: M is symmetric.
  private func apply(
    _ m: UnsafePointer<Float>, to x: UnsafePointer<Float>, rows: Int, columns: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let square = MatrixView(m, columns: min(rows, columns))
    let view = MatrixView(x, columns: columns)
    let isWide = rows <= columns
    products.multiply(
      MatrixProduct(
        rows: rows, columns: columns, depth: min(rows, columns), left: isWide ? square : view,
        right: isWide ? view : square), into: out)
  }
}
