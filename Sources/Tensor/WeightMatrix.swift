/// A weight matrix `[N, K]`, repacked for the kernels; immutable.
public final class WeightMatrix: Sendable {
  /// How the file stores it.
  public let format: any WeightFormat.Type
  /// N, the columns that a product writes.
  public let rows: Int
  /// K, the columns that a product reads.
  public let columns: Int
  /// The packed weights.
  let packed: any PackedWeights

  /// The memory that the packed weights take.
  public var byteCount: Int { packed.byteCount }

  /// Whether products read the input rounded to 15 bits; otherwise they read the floats.
  public var readsQuantizedInput: Bool { packed.readsQuantizedInput }

  /// Repacks a tensor on all threads into `memory`, which matrices may share; refuses a wrong size and,
  /// naming the row, values that are not finite. `source` is not needed afterwards.
  public init(
    format: any WeightFormat.Type, rows: Int, columns: Int, source: UnsafeRawBufferPointer,
    memory: WeightMemory? = nil, pool: WorkerPool
  ) throws(TensorError) {
    let operation = "\(format.name) weights"
    // BLAS counts in 32 bits.
    guard rows > 0, columns > 0, columns <= Int32.max, columns.isMultiple(of: format.blockLength)
    else {
      throw TensorError(
        .shape, operation,
        expected: "[N, K] with K in whole blocks of \(format.blockLength), at most \(Int32.max)",
        given: "[\(rows), \(columns)]")
    }
    let bytes = try Shape.product(
      rows, columns / format.blockLength, format.blockBytes, of: operation)
    guard source.count == bytes else {
      throw TensorError(
        .format, operation, expected: "\(bytes) bytes for [\(rows), \(columns)]",
        given: "\(source.count)")
    }
    self.format = format
    self.rows = rows
    self.columns = columns
    packed = try format.repack(
      FileWeights(
        name: format.name, rows: rows, columns: columns, bytes: source,
        memory: memory ?? WeightMemory(blockBytes: 0)), pool: pool)
  }

  /// Decodes one row `[K]` from the packed form: the look-up of an embedding.
  public func decodeRow(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    precondition(row >= 0 && row < rows, "no such row")
    packed.decodeRow(row, into: out)
  }
}
