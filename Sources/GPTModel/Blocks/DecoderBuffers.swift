import Tensor

/// The rows of a step on their way through the layers; every layer uses the same memory.
struct DecoderBuffers: Sendable {
  /// The residual stream, [T, W].
  let hidden: Matrix
  /// Normalised rows, [T, W], and the same rounded to 15 bits.
  let normed: Matrix
  let quantizedNormed: Activations?
  /// Queries, [T, Q D].
  let queries: Matrix
  /// Keys and values, [T, G D] each.
  let keys: Matrix
  let values: Matrix
  /// What attention gathered, [T, Q D], and the same rounded to 15 bits.
  let attended: Matrix
  let quantizedAttended: Activations?
  /// Gates, then the activated rows, [T, F], and the same rounded to 15 bits.
  let gates: Matrix
  let quantizedGates: Activations?
  /// [T, F].
  let ups: Matrix
  /// [S, V].
  let logits: Matrix
  private let workspace: Workspace

  /// Lays out the memory of all steps to come.
  init(shape: ModelShape, capacity: DecoderCapacity) throws(TensorError) {
    let rows = capacity.limits.rowsPerStep
    let queryWidth = shape.queryHeads * shape.headLength
    let keyWidth = shape.keyValueHeads * shape.headLength
    let workspace = try Workspace(byteCount: Self.byteCount(shape: shape, capacity: capacity))
    func activations(_ columns: Int) throws(TensorError) -> Activations? {
      guard columns.isMultiple(of: Activations.blockLength) else { return nil }
      return try workspace.activations(rows: rows, columns: columns)
    }
    hidden = try workspace.matrix(rows: rows, columns: shape.width)
    normed = try workspace.matrix(rows: rows, columns: shape.width)
    queries = try workspace.matrix(rows: rows, columns: queryWidth)
    keys = try workspace.matrix(rows: rows, columns: keyWidth)
    values = try workspace.matrix(rows: rows, columns: keyWidth)
    attended = try workspace.matrix(rows: rows, columns: queryWidth)
    gates = try workspace.matrix(rows: rows, columns: shape.feedForwardWidth)
    ups = try workspace.matrix(rows: rows, columns: shape.feedForwardWidth)
    logits = try workspace.matrix(rows: capacity.logitRows, columns: shape.vocabularySize)
    quantizedNormed = try activations(shape.width)
    quantizedAttended = try activations(queryWidth)
    quantizedGates = try activations(shape.feedForwardWidth)
    self.workspace = workspace
  }

  /// The memory that the rows of a step take.
  static func byteCount(shape: ModelShape, capacity: DecoderCapacity) throws(TensorError) -> Int {
    let rows = capacity.limits.rowsPerStep
    let queryWidth = shape.queryHeads * shape.headLength
    let keyWidth = shape.keyValueHeads * shape.headLength
    let floats = [
      (rows, shape.width), (rows, shape.width), (rows, queryWidth), (rows, keyWidth),
      (rows, keyWidth), (rows, queryWidth), (rows, shape.feedForwardWidth),
      (rows, shape.feedForwardWidth), (capacity.logitRows, shape.vocabularySize),
    ]
    let quantized = [shape.width, queryWidth, shape.feedForwardWidth].filter {
      $0.isMultiple(of: Activations.blockLength)
    }
    var bytes = 0
    for (rows, columns) in floats {
      bytes += try Workspace.bytes(matrixRows: rows, columns: columns)
    }
    for columns in quantized {
      bytes += try Workspace.bytes(activationRows: rows, columns: columns)
    }
    return bytes
  }
}
