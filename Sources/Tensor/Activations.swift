package import CKernels

/// Rows `[rows, columns]` rounded to 15 bits, a scale for each block of 32, in memory it does not own.
// Unchecked: the view itself never changes, and whoever writes through it orders the accesses.
public struct Activations: @unchecked Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns, a multiple of 32.
  public let columns: Int
  /// The view as the kernels take it.
  package let raw: apus_activations

  /// The number of values that share a scale.
  public static let blockLength = Int(APUS_BLOCK)

  /// Creates a view.
  package init(rows: Int, columns: Int, raw: apus_activations) {
    self.rows = rows
    self.columns = columns
    self.raw = raw
  }

  /// The same memory for rows of fewer columns, a multiple of 32.
  package func first(columns: Int) -> Activations {
    precondition(
      columns <= self.columns && columns.isMultiple(of: Self.blockLength), "no such columns")
    var raw = raw
    raw.columns = columns
    return Activations(rows: rows, columns: columns, raw: raw)
  }

  /// Copies a row of others with as many columns, exactly.
  package func copyRow(_ row: Int, from source: Activations, row other: Int) {
    precondition(row >= 0 && row < rows && other >= 0 && other < source.rows, "no such row")
    precondition(columns == source.columns, "rows of other lengths")
    let (to, from) = (raw.rows(from: row), source.raw.rows(from: other))
    let blocks = columns / Self.blockLength
    to.digits.update(from: from.digits, count: 2 * columns)
    to.scales.update(from: from.scales, count: blocks)
    to.sums.update(from: from.sums, count: blocks)
    to.half_sums.update(from: from.half_sums, count: 2 * blocks)
    to.scaled_sums.update(from: from.scaled_sums, count: blocks)
  }

  /// The value at a row and column after rounding: what the products really multiply.
  public func value(row: Int, column: Int) -> Float {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns, "no such value")
    let block = row * (columns / Self.blockLength) + column / Self.blockLength
    let high = raw.digits + 2 * block * Self.blockLength + column % Self.blockLength
    return raw.scales[block] * Float(128 * Int32(high[0]) + Int32(high[Self.blockLength]))
  }
}

extension apus_activations {
  /// The same memory from a row on.
  func rows(from first: Int) -> apus_activations {
    let blocks = first * (columns / Activations.blockLength)
    return apus_activations(
      digits: digits + 2 * Activations.blockLength * blocks, scales: scales + blocks,
      sums: sums + blocks, half_sums: half_sums + 2 * blocks, scaled_sums: scaled_sums + blocks,
      columns: columns)
  }
}
