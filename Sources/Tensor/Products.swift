/// Products that share one input: built once at loading, so that running them allocates nothing.
// Unchecked: `work` is written by the one caller between jobs of its pool, which orders the accesses.
public final class Products: @unchecked Sendable {
  /// One product: where its weights are and where it goes.
  public struct Item: Sendable {
    /// The weights, `[N, K]`.
    public let weights: WeightMatrix
    /// The output, `[T, N]`.
    public let destination: Matrix
    /// Whether the product is added to the output, as to a residual.
    public let accumulate: Bool

    /// Creates an item.
    public init(weights: WeightMatrix, destination: Matrix, accumulate: Bool = false) {
      self.weights = weights
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
  /// The panels of the items before each, and of all at the end.
  private let panelStarts: [Int]
  private var work: Work?

  /// What the chunks of the job at hand need.
  private struct Work {
    let rows: Int
    let compute: Compute
    let split: PanelSplit
  }

  /// Checks the shapes. `input` is `[T, K]`; `quantized` too, and needed where weights read it.
  public init(input: Matrix, quantized: Activations?, items: [Item]) throws(TensorError) {
    for item in items {
      try Self.check(item, input: input, quantized: quantized)
    }
    self.input = input
    self.quantized = quantized
    self.items = items
    readsQuantizedInput = items.contains { $0.weights.readsQuantizedInput }
    readsFloatInput = items.contains { !$0.weights.readsQuantizedInput }
    panelStarts = items.reduce(into: [0]) { starts, item in
      starts.append(starts[starts.count - 1] + item.weights.packed.panelCount)
    }
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
    work = Work(rows: rows, compute: compute, split: PanelSplit(panels: 0, threads: 1))
    compute.pool.run((rows - 1) / Self.rowsPerChunk + 1) { chunk, _ in self.quantize(chunk: chunk) }
    work = nil
  }

  private func quantize(chunk: Int) {
    guard let quantized, let work else { return }
    let first = chunk * Self.rowsPerChunk
    for row in first..<min(first + Self.rowsPerChunk, work.rows) {
      quantized.quantize(row: row, from: input.row(row), using: work.compute.processor)
    }
  }

  private func multiply(rows: Int, on compute: Compute) {
    guard rows > 0, let panels = panelStarts.last else { return }
    let split = PanelSplit(panels: panels, threads: compute.pool.threads)
    work = Work(rows: rows, compute: compute, split: split)
    compute.pool.run(split.count) { chunk, worker in self.multiply(chunk: chunk, worker: worker) }
    work = nil
  }

  private func multiply(chunk: Int, worker: Int) {
    guard let work else { return }
    let panels = work.split.panels(of: chunk)
    for index in items.indices {
      let start = panelStarts[index]
      let own = panels.clamped(to: start..<panelStarts[index + 1])
      if own.isEmpty { continue }
      let item = items[index]
      let operands = ProductOperands(
        rows: work.rows, input: input, quantized: quantized, destination: item.destination,
        accumulate: item.accumulate, kernels: work.compute.processor.kernels,
        scratch: work.compute.floatScratch[worker])
      item.weights.packed.multiply(
        panels: own.lowerBound - start..<own.upperBound - start, operands)
    }
  }

  private static let smallInput = 4096
  private static let rowsPerChunk = 4
}

extension Products {
  private static func check(
    _ item: Item, input: Matrix, quantized: Activations?
  ) throws(TensorError) {
    let weights = item.weights
    let operation = "product with [\(weights.rows), \(weights.columns)]"
    guard input.columns == weights.columns else {
      throw TensorError(
        .shape, operation, expected: "an input of \(weights.columns) columns",
        given: "[\(input.rows), \(input.columns)]")
    }
    let destination = item.destination
    guard destination.columns == weights.rows, destination.rows >= input.rows else {
      throw TensorError(
        .shape, operation, expected: "a destination of [\(input.rows), \(weights.rows)]",
        given: "[\(destination.rows), \(destination.columns)]")
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
