import CBLAS

/// One worker's memory for products of floats: a tile of the input, of the weights, and the sums.
// Unchecked: only the worker that owns it touches it.
final class FloatScratch: @unchecked Sendable {
  /// Rows of one call of BLAS: few enough that one row alone does not cost much more than reading
  /// the weights, and enough that prompts are as fast as with large calls.
  static let tileRows = 8
  /// Rows that share one widening of the weights.
  static let groupRows = 64
  /// Columns written by one call.
  static let panelColumns = 64
  /// The part of K that one call reads.
  static let depth = 512

  /// Part of the weights, `[columns, depth]`.
  struct WeightTile {
    let base: UnsafePointer<Float>
    let stride: Int
    let columns: Int
  }

  /// Widened weights, `[panelColumns, depth]`.
  let weights: UnsafeMutablePointer<Float>
  private let input: UnsafeMutablePointer<Float>  // [tileRows, depth]
  private let sums: UnsafeMutablePointer<Float>  // [groupRows, panelColumns]

  /// Allocates the memory.
  init() {
    func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      let zeros = memory.bindMemory(to: Float.self, capacity: count)
      zeros.initialize(repeating: 0, count: count)
      return zeros
    }
    weights = zeros(Self.panelColumns * Self.depth)
    input = zeros(Self.tileRows * Self.depth)
    sums = zeros(Self.groupRows * Self.panelColumns)
  }

  deinit {
    weights.deallocate()
    input.deallocate()
    sums.deallocate()
  }

  /// Copies a tile of the input; the rows that it lacks are zero.
  func fillTile(_ matrix: Matrix, rows: Range<Int>, columns: Range<Int>) {
    for row in rows {
      let target = input + (row - rows.lowerBound) * Self.depth
      target.update(from: matrix.row(row) + columns.lowerBound, count: columns.count)
    }
    for row in rows.count..<Self.tileRows {
      (input + row * Self.depth).update(repeating: 0, count: columns.count)
    }
  }

  /// Adds a tile's products to the sums from `row` on, or starts them.
  func multiplyTile(_ weights: WeightTile, row: Int, depth: Int, isFirst: Bool) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(Self.tileRows), Int32(weights.columns),
      Int32(depth), 1, input, Int32(Self.depth), weights.base,
      Int32(weights.stride), isFirst ? 0 : 1,
      sums + row * Self.panelColumns, Int32(Self.panelColumns))
  }

  /// Writes the sums of a group of rows, plus the bias, to the destination, or adds them.
  func write(rows: Range<Int>, columns: Range<Int>, _ operands: ProductOperands) {
    for row in rows {
      let source = sums + (row - rows.lowerBound) * Self.panelColumns
      let target = operands.destination.row(row) + columns.lowerBound
      if let bias = operands.bias {
        for column in 0..<columns.count { source[column] += bias[columns.lowerBound + column] }
      }
      if operands.accumulate {
        for column in 0..<columns.count { target[column] += source[column] }
      } else {
        target.update(from: source, count: columns.count)
      }
    }
  }
}
