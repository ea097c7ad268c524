/// A row-major float32 view `[rows, columns]` of memory it does not own.
// Unchecked: the view itself never changes, and whoever writes through it orders the accesses.
public struct Matrix: @unchecked Sendable {
  /// The first element of the first row.
  public let base: UnsafeMutablePointer<Float>
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The distance from a row's start to the next, in elements.
  public let stride: Int

  /// Creates a view; rows lie densely where no stride is given.
  public init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// The first element of a row.
  @inlinable
  public func row(_ index: Int) -> UnsafeMutablePointer<Float> {
    precondition(index >= 0 && index < rows, "no such row")
    return base + index * stride
  }

  /// The view of some columns of every row.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "no such columns")
    return Matrix(base: base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// The view of some rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "no such rows")
    return Matrix(
      base: base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }
}
