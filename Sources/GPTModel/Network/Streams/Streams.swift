import Tensor

/// The memory of the residual streams.
struct Streams: Sendable {
  let spec: StreamsSpec
  /// The streams, each [T, W].
  let matrices: [Matrix]
  let buffers: DecoderBuffers
  let compute: Compute

  /// Views of the streams' memory.
  init(_ spec: StreamsSpec, buffers: DecoderBuffers, compute: Compute) {
    let width = buffers.hidden.columns
    self.spec = spec
    self.buffers = buffers
    self.compute = compute
    matrices = (0..<spec.count).map {
      buffers.streams.columns($0 * width..<($0 + 1) * width)
    }
  }

  /// The product that reads normalised rows.
  func product(_ items: [LinearGroup.Item]) throws(TensorError) -> LinearGroup {
    try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized, items: items)
  }

  /// Multiplies a row such that its mean square is that of another.
  func match(_ row: UnsafeMutablePointer<Float>, to target: Double) {
    let width = buffers.hidden.columns
    // As the published code has it.
    let own = max(Self.meanSquare(row, width), 1e-5).squareRoot()
    compute.processor.scale(row, count: width, by: Float(target.squareRoot() / own))
  }

  /// The mean of the squares of a row.
  static func meanSquare(_ row: UnsafePointer<Float>, _ count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(row[index]) * Double(row[index]) }
    return sum / Double(count)
  }
}

/// How much of each stream goes into each, by what the active stream or a layer's output says:
/// tanh(router(N(x)) / W), [T, n].
struct StreamRouter: Sendable {
  /// The weights of one layer.
  struct Weights {
    let norm: WeightedNorm
    /// [n, W].
    let router: Linear
  }

  private let norm: Norm
  private let route: LinearGroup
  private let streams: Streams

  /// - Parameter source: What it reads, [T, W].
  init(_ weights: Weights, source: Matrix, streams: Streams) throws(TensorError) {
    self.streams = streams
    norm = Norm(
      weights.norm, from: source, to: streams.buffers.normed, compute: streams.compute)
    route = try streams.product([weights.router.item(to: streams.buffers.routes)])
  }

  /// Computes the products of all rows of a step.
  func run(_ batch: Batch) {
    norm.run(batch)
    route.runQuantized(rows: batch.rows, on: streams.compute)
  }

  /// The shares of a row, [n].
  func shares(row: Int) -> UnsafeMutablePointer<Float> {
    let (shares, processor) = (streams.buffers.routes.row(row), streams.compute.processor)
    let count = streams.spec.count
    processor.scale(shares, count: count, by: 1 / Float(streams.buffers.hidden.columns))
    processor.softCap(shares, count: count, cap: 1)
    return shares
  }
}

/// The rows of a small matrix [rows, n], which are multiplied with a row's shares.
struct StreamCoefficients: Sendable {
  private let values: [Float]
  private let columns: Int

  /// Copies a matrix.
  init(_ weights: Vector, columns: Int) {
    self.columns = columns
    values = weights.array
  }

  /// The product of a row with shares [n].
  func product(row: Int, _ shares: UnsafePointer<Float>) -> Float {
    var sum: Float = 0
    for index in 0..<columns { sum += values[row * columns + index] * shares[index] }
    return sum
  }
}
