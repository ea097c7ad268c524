import CBLAS
import CTraining
package import Tensor

/// A matrix that is read: element (r, c) lies at base[r * row + c * column].
package struct MatrixView {
  /// The first element.
  package let base: UnsafePointer<Float>
  /// Elements from a row to the next.
  package let row: Int
  /// Elements from a column to the next.
  package let column: Int

  /// Rows one after the other, each of `columns` elements.
  package init(_ base: UnsafePointer<Float>, columns: Int) {
    (self.base, row, column) = (base, columns, 1)
  }

  private init(_ base: UnsafePointer<Float>, row: Int, column: Int) {
    (self.base, self.row, self.column) = (base, row, column)
  }

  /// The same with rows for columns.
  package var turned: MatrixView { MatrixView(base, row: column, column: row) }

  /// The same for the kernels.
  var forKernels: apus_view { apus_view(base: base, row: row, column: column) }
}

/// A product of matrices, [M, K] with [K, N].
package struct MatrixProduct {
  /// M.
  package let rows: Int
  /// N.
  package let columns: Int
  /// K.
  package let depth: Int
  /// The left matrix, [M, K].
  package let left: MatrixView
  /// The right matrix, [K, N].
  package let right: MatrixView
  /// The right matrix in panels, where somebody has packed it.
  package var packed: UnsafePointer<Float>?

  /// Names the sizes and both sides.
  package init(rows: Int, columns: Int, depth: Int, left: MatrixView, right: MatrixView) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.left = left
    self.right = right
  }
}

/// Multiplies matrices on one thread, with the memory that this takes.
// Unchecked: one thread at a time uses it.
package final class MatrixProducts: @unchecked Sendable {
  /// The kernels.
  package let kernels: TrainingKernels
  private let scratch: FloatBuffer
  private let panels: FloatBuffer

  /// Reserves memory.
  ///
  /// - Parameter largest: Elements of the largest right matrix that comes unpacked, each of its rows
  ///   rounded up to whole panels.
  package init(kernels: TrainingKernels, largest: Int) throws(TensorError) {
    self.kernels = kernels
    scratch = try FloatBuffer(count: Int(APUS_MATMUL_SCRATCH))
    panels = try FloatBuffer(count: kernels.backend == .own ? largest : 0)
  }

  /// Writes a product to rows of its N columns, or adds it to what is there.
  package func multiply(
    _ product: MatrixProduct, into out: UnsafeMutablePointer<Float>, adding: Bool = false
  ) {
    switch kernels.backend {
    case .own: multiplyPanels(product, into: out, adding: adding)
    case .blas: multiplyByLibrary(product, into: out, adding: adding)
    }
  }

  private func multiplyPanels(
    _ product: MatrixProduct, into out: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    if product.packed == nil {
      let size = product.depth * product.columns.roundedUp(to: kernels.panel)
      precondition(size <= panels.count, "a matrix is larger than was said")
      kernels.table.pointee.pack(
        product.right.forKernels, product.depth, product.columns, panels.base)
    }
    var work = apus_matmul(
      rows: product.rows, columns: product.columns, depth: product.depth,
      a: product.left.forKernels, b: product.packed ?? UnsafePointer(panels.base), c: out,
      c_row: product.columns, accumulates: adding, scratch: scratch.base)
    kernels.table.pointee.multiply(&work)
  }

  private func multiplyByLibrary(
    _ product: MatrixProduct, into out: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    let (left, right) = (product.left, product.right)
    cblas_sgemm(
      CblasRowMajor, left.column == 1 ? CblasNoTrans : CblasTrans,
      right.column == 1 ? CblasNoTrans : CblasTrans, Int32(product.rows), Int32(product.columns),
      Int32(product.depth), 1, left.base, Int32(max(left.row, left.column)), right.base,
      Int32(max(right.row, right.column)), adding ? 1 : 0, out, Int32(product.columns))
  }
}

extension Int {
  /// The smallest multiple that is not below the number.
  func roundedUp(to multiple: Int) -> Int { (self + multiple - 1) / multiple * multiple }
}
