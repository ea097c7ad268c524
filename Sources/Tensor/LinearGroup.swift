import CKernels

/// Linear maps that share one input: built once at loading, so that running them allocates nothing.
// Unchecked: `job` is written by the one caller between jobs of its pool, which orders the accesses.
public final class LinearGroup: @unchecked Sendable {
  /// One map: where its weights and its bias are, and where the result goes.
  public struct Item: Sendable {
    /// The weights, `[N, K]`.
    public let weights: WeightMatrix
    /// What is added to each row of the product, `[N]`.
    package let bias: Vector?
    /// The output, `[T, N]`.
    public let destination: Matrix
    /// Whether the product is added to the output, as to a residual.
    public let accumulate: Bool

    /// Creates an item without a bias.
    public init(weights: WeightMatrix, destination: Matrix, accumulate: Bool = false) {
      self.init(weights: weights, bias: nil, destination: destination, accumulate: accumulate)
    }

    /// Creates an item.
    package init(
      weights: WeightMatrix, bias: Vector?, destination: Matrix, accumulate: Bool = false
    ) {
      self.weights = weights
      self.bias = bias
      self.destination = destination
      self.accumulate = accumulate
    }
  }

  /// Whether some weights read the input rounded to 15 bits.
  public let readsQuantizedInput: Bool
  /// Whether some weights read the floats of the input.
  public let readsFloatInput: Bool

  private let input: Matrix
  private let quantized: Activations?
  private let items: [Item]
  /// Bytes of all weights, and how many weights these are.
  private let weightBytes: Int
  private let weightCount: Int
  let pieces: UnsafeMutableBufferPointer<Piece>
  let job: UnsafeMutablePointer<Job>

  /// A few neighbouring panels of one product: what a thread does at a time.
  struct Piece {
    /// The index of the product.
    let item: Int
    let panels: Range<Int>
    /// For the kernels; nil where the weights multiply themselves.
    let table: PanelTable?
    let columns: Int
    let destination: apus_destination
  }

  /// What a piece needs besides: plain words, so that threads share no counted references.
  struct Job {
    var rows = 0
    var kernels: UnsafePointer<apus_kernels>?
    let activations: apus_activations?
    let pieces: UnsafeMutablePointer<Piece>?
    let owner: Unmanaged<LinearGroup>
    var compute: Unmanaged<Compute>?
  }

  /// Checks the shapes. `input` is `[T, K]`; `quantized` too, and needed where weights read it.
  public init(input: Matrix, quantized: Activations?, items: [Item]) throws(TensorError) {
    for item in items {
      try item.check(input: input, quantized: quantized, rows: input.rows)
    }
    self.input = input
    self.quantized = quantized
    self.items = items
    weightBytes = items.reduce(0) { $0 + $1.weights.byteCount }
    weightCount = items.reduce(0) { $0 + $1.weights.rows * $1.weights.columns }
    readsQuantizedInput = items.contains { $0.weights.readsQuantizedInput }
    readsFloatInput = items.contains { !$0.weights.readsQuantizedInput }
    let pieces = items.indices.flatMap { Self.pieces(of: items[$0], index: $0) }
    self.pieces = .allocate(capacity: pieces.count)
    _ = self.pieces.initialize(from: pieces)
    job = .allocate(capacity: 1)
    job.initialize(
      to: Job(
        activations: quantized?.raw, pieces: self.pieces.baseAddress,
        owner: Unmanaged.passUnretained(self)))
  }

  deinit {
    job.deinitialize(count: 1)
    job.deallocate()
    pieces.deinitialize()
    pieces.deallocate()
  }

  /// Multiplies the first `rows` rows of the input, which it rounds to 15 bits where needed.
  public func run(rows: Int, on compute: Compute) {
    precondition(rows >= 0 && rows <= input.rows, "more rows than the input has")
    if readsQuantizedInput { quantize(rows: rows, on: compute) }
    multiply(rows: rows, on: compute)
  }

  /// Multiplies the first `rows` rows of an input that the caller has already rounded.
  ///
  /// Where `readsFloatInput`, the floats must be there as well.
  public func runQuantized(rows: Int, on compute: Compute) {
    precondition(rows >= 0 && rows <= input.rows, "more rows than the input has")
    multiply(rows: rows, on: compute)
  }

  private func quantize(rows: Int, on compute: Compute) {
    guard let quantized else { return }
    // Below a few microseconds of work another thread costs more than it saves.
    if rows * input.columns <= Self.smallInput {
      for row in 0..<rows {
        quantized.quantize(row: row, from: input.row(row), using: compute.processor)
      }
      return
    }
    job.pointee.rows = rows
    job.pointee.compute = Unmanaged.passUnretained(compute)
    compute.pool.run((rows - 1) / Self.rowsPerChunk + 1, context: job) { context, chunk, _ in
      let job = context.assumingMemoryBound(to: Job.self)
      job.pointee.owner._withUnsafeGuaranteedRef { $0.quantize(chunk: chunk) }
    }
  }

  private func quantize(chunk: Int) {
    guard let quantized, let compute = job.pointee.compute else { return }
    let first = chunk * Self.rowsPerChunk
    let processor = compute._withUnsafeGuaranteedRef { $0.processor }
    for row in first..<min(first + Self.rowsPerChunk, job.pointee.rows) {
      quantized.quantize(row: row, from: input.row(row), using: processor)
    }
  }

  private func multiply(rows: Int, on compute: Compute) {
    guard rows > 0 else { return }
    prepare(rows: rows, on: compute)
    compute.pool.run(pieces.count, context: job) { context, chunk, worker in
      LinearGroup.multiply(context.assumingMemoryBound(to: Job.self), chunk: chunk, worker: worker)
    }
  }

  /// Says what all pieces of the next job need.
  func prepare(rows: Int, on compute: Compute) {
    precondition(rows >= 0 && rows <= input.rows, "more rows than the input has")
    compute.tally.add(bytes: weightBytes, multiplications: rows &* weightCount)
    job.pointee.rows = rows
    job.pointee.kernels = compute.processor.kernels
    job.pointee.compute = Unmanaged.passUnretained(compute)
  }

  /// Multiplies one piece.
  static func multiply(_ job: UnsafePointer<Job>, chunk: Int, worker: Int) {
    guard let kernels = job.pointee.kernels, let piece = job.pointee.pieces.map({ $0 + chunk })
    else { return }
    guard let table = piece.pointee.table, var activations = job.pointee.activations else {
      return job.pointee.owner._withUnsafeGuaranteedRef {
        $0.multiplyFloats(piece.pointee, worker: worker)
      }
    }
    kernels.pointee.multiply(
      table.kind, table.base, piece.pointee.panels.lowerBound, piece.pointee.panels.upperBound,
      piece.pointee.columns, &activations, job.pointee.rows, piece.pointee.destination)
  }

  private func multiplyFloats(_ piece: Piece, worker: Int) {
    guard let compute = job.pointee.compute?.takeUnretainedValue() else { return }
    let item = items[piece.item]
    item.weights.packed.multiply(
      panels: piece.panels,
      ProductOperands(
        rows: job.pointee.rows, input: input, quantized: quantized, destination: item.destination,
        bias: item.bias?.base, accumulate: item.accumulate, kernels: compute.processor.kernels,
        scratch: compute.floatScratch[worker]))
  }

  private static func pieces(of item: Item, index: Int) -> [Piece] {
    let packed = item.weights.packed
    let count = pieceCount(of: packed)
    return (0..<count).map { piece in
      Piece(
        item: index,
        panels: packed.panelCount * piece / count..<packed.panelCount * (piece + 1) / count,
        table: packed.table, columns: item.destination.columns,
        destination: item.kernelDestination)
    }
  }

  /// Into how many pieces the panels of a product are cut: what a thread does at a time.
  static func pieceCount(of packed: any PackedWeights) -> Int {
    let bytesPerPanel = max(1, packed.byteCount / packed.panelCount)
    let most = max(1, (bytesPerPiece + bytesPerPanel / 2) / bytesPerPanel)
    return (packed.panelCount + most - 1) / most
  }

  private static let smallInput = 4096
  private static let rowsPerChunk = 4
  /// Small enough that nobody waits long for a thread that was held up, and large enough that
  /// starting costs little.
  private static let bytesPerPiece = 24 << 10
}

extension LinearGroup.Item {
  /// Where the product goes, as the kernels take it.
  var kernelDestination: apus_destination {
    apus_destination(
      out: destination.base, out_stride: destination.stride, accumulate: accumulate,
      bias: bias?.base)
  }

  /// Checks the shapes of a product of an input, of which so many rows are written.
  func check(input: Matrix, quantized: Activations?, rows: Int) throws(TensorError) {
    let operation = "product with [\(weights.rows), \(weights.columns)]"
    guard input.columns == weights.columns else {
      throw TensorError(
        .shape, operation, expected: "an input of \(weights.columns) columns",
        given: "[\(input.rows), \(input.columns)]")
    }
    guard destination.columns == weights.rows, destination.rows >= rows else {
      throw TensorError(
        .shape, operation, expected: "a destination of [\(rows), \(weights.rows)]",
        given: "[\(destination.rows), \(destination.columns)]")
    }
    if let bias, bias.count != weights.rows {
      throw TensorError(
        .shape, operation, expected: "a bias of \(weights.rows)", given: "\(bias.count)")
    }
    guard weights.readsQuantizedInput else { return }
    guard let quantized, quantized.columns == input.columns, quantized.rows >= input.rows else {
      let given = quantized.map { "[\($0.rows), \($0.columns)]" } ?? "none"
      throw TensorError(
        .shape, operation, expected: "15-bit activations of [\(input.rows), \(input.columns)]",
        given: given)
    }
  }
}
