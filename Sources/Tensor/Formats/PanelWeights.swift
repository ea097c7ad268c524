import CKernels

/// Quantised weights in panels of 16 columns, as the kernels read them.
final class PanelWeights: PackedWeights {
  let byteCount: Int
  let panelCount: Int
  let readsQuantizedInput = true

  private let kind: apus_panel_format
  private let columns: Int
  private let memory: WeightMemory.Slice

  /// Packs on all threads.
  init(
    _ kind: apus_panel_format, _ weights: FileWeights, pool: WorkerPool
  ) throws(TensorError) {
    self.kind = kind
    columns = weights.columns
    // As large as in the file but for at most 15 rows more, so the size cannot overflow.
    byteCount = apus_panel_bytes(kind, weights.rows, weights.columns)
    let panelCount = (weights.rows - 1) / Int(APUS_PANEL) + 1
    self.panelCount = panelCount
    memory = try weights.memory.allocate(byteCount)
    let refused = FirstRow()
    let packed = SendablePointer(memory.base.assumingMemoryBound(to: UInt8.self))
    pool.run((panelCount + Self.panelsPerChunk - 1) / Self.panelsPerChunk) { chunk, _ in
      let first = chunk * Self.panelsPerChunk
      let last = min(first + Self.panelsPerChunk, panelCount)
      guard let source = weights.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
        return
      }
      var bad = 0
      let isFinite = apus_pack(
        kind, source, packed.pointer, first, last, weights.rows, weights.columns, &bad)
      if !isFinite { refused.record(bad) }
    }
    if let row = refused.row { throw weights.notFinite(row: row) }
  }

  var table: PanelTable? {
    PanelTable(kind: kind, base: UnsafePointer(memory.base.assumingMemoryBound(to: UInt8.self)))
  }

  func multiply(panels: Range<Int>, _ operands: ProductOperands) {
    guard let quantized = operands.quantized else { return }
    let destination = operands.destination
    let target = apus_destination(
      out: destination.base, out_stride: destination.stride, accumulate: operands.accumulate,
      bias: operands.bias)
    withUnsafePointer(to: quantized.raw) { activations in
      operands.kernels.pointee.multiply(
        kind, memory.base.assumingMemoryBound(to: UInt8.self), panels.lowerBound,
        panels.upperBound, destination.columns, activations, operands.rows, target)
    }
  }

  func decodeRow(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    apus_unpack_row(kind, memory.base.assumingMemoryBound(to: UInt8.self), row, columns, out)
  }

  private static let panelsPerChunk = 8
}
