import CBLAS

/// What sets one float format apart: the element, and how it becomes a float32.
protocol FloatElement: WeightFormat {
  /// The bits of a value in the file, or of a block of values.
  associatedtype Element: BitwiseCopyable

  /// Converts values: exactly, or where they have a scale, with one rounding.
  static func widen(
    _ source: UnsafePointer<Element>, into out: UnsafeMutablePointer<Float>, count: Int)

  /// The values themselves where they are float32 already; nil where they must be widened.
  static func inPlace(_ source: UnsafePointer<Element>) -> UnsafePointer<Float>?

  /// Whether no value is NaN or infinite.
  static func allFinite(_ source: UnsafePointer<Element>, count: Int) -> Bool
}

/// Float weights, kept as the file has them and multiplied by BLAS.
///
/// A library may round differently for another shape, and then a row's result would depend on the
/// batch it is in. So each call has one of few shapes, which depend on the weights alone: 8 rows
/// (padded with zeros) by 64 columns (or the matrix's last few) by 512 of K (or the last few).
final class FloatWeights<Format: FloatElement>: PackedWeights {
  let byteCount: Int
  let panelCount: Int
  let readsQuantizedInput = false
  let table: PanelTable? = nil

  private let rows: Int
  private let columns: Int
  private let memory: WeightMemory.Slice

  /// Copies and checks on all threads.
  init(_ format: Format.Type, _ weights: FileWeights, pool: WorkerPool) throws(TensorError) {
    rows = weights.rows
    columns = weights.columns
    byteCount = weights.bytes.count
    panelCount = (weights.rows - 1) / FloatScratch.panelColumns + 1
    memory = try weights.memory.allocate(byteCount)
    let refused = FirstRow()
    let copy = SendablePointer(memory.base.assumingMemoryBound(to: Format.Element.self))
    let columns = columns
    pool.run(rows) { row, _ in
      let elements = columns / Format.blockLength
      let rowBytes = elements * MemoryLayout<Format.Element>.stride
      let source = UnsafeRawBufferPointer(rebasing: weights.bytes[(row * rowBytes)...])
      let target = copy.pointer + row * elements
      if let base = source.baseAddress {
        UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: rowBytes)
      }
      if !Format.allFinite(target, count: columns) { refused.record(row) }
    }
    if let row = refused.row { throw weights.notFinite(row: row) }
  }

  private var elements: UnsafePointer<Format.Element> {
    UnsafePointer(memory.base.assumingMemoryBound(to: Format.Element.self))
  }

  /// The element that starts at a place, which is a multiple of what elements hold.
  private func element(row: Int, column: Int) -> UnsafePointer<Format.Element> {
    elements + (row * columns + column) / Format.blockLength
  }

  func multiply(panels: Range<Int>, _ operands: ProductOperands) {
    for panel in panels {
      for first in stride(from: 0, to: operands.rows, by: FloatScratch.groupRows) {
        let group = first..<min(first + FloatScratch.groupRows, operands.rows)
        multiply(panel: panel, rows: group, operands)
      }
    }
  }

  func decodeRow(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    Format.widen(element(row: row, column: 0), into: out, count: columns)
  }

  /// Sums over K for up to `groupRows` rows, and writes them out.
  private func multiply(panel: Int, rows group: Range<Int>, _ operands: ProductOperands) {
    let scratch = operands.scratch
    let first = panel * FloatScratch.panelColumns
    let width = min(FloatScratch.panelColumns, rows - first)
    for start in stride(from: 0, to: columns, by: FloatScratch.depth) {
      let depth = min(FloatScratch.depth, columns - start)
      let weights = tile(rows: first..<first + width, from: start, depth: depth, scratch)
      for tile in stride(from: group.lowerBound, to: group.upperBound, by: FloatScratch.tileRows) {
        let rows = tile..<min(tile + FloatScratch.tileRows, group.upperBound)
        scratch.fillTile(operands.input, rows: rows, columns: start..<start + depth)
        scratch.multiplyTile(
          weights, row: tile - group.lowerBound, depth: depth, isFirst: start == 0)
      }
    }
    scratch.write(rows: group, columns: first..<first + width, operands)
  }

  /// Some weights as float32, where they are or in the scratch.
  private func tile(
    rows: Range<Int>, from start: Int, depth: Int, _ scratch: FloatScratch
  ) -> FloatScratch.WeightTile {
    let source = element(row: rows.lowerBound, column: start)
    if let base = Format.inPlace(source) {
      return FloatScratch.WeightTile(base: base, stride: columns, columns: rows.count)
    }
    for row in 0..<rows.count {
      Format.widen(
        element(row: rows.lowerBound + row, column: start),
        into: scratch.weights + row * FloatScratch.depth, count: depth)
    }
    return FloatScratch.WeightTile(
      base: UnsafePointer(scratch.weights), stride: FloatScratch.depth, columns: rows.count)
  }
}
