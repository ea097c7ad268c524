import Tensor

/// Mixes the streams before a layer, which then reads the active one: x + Σ coefficient · x.
final class StreamPrediction: RowOperation, LayerStep {
  private let streams: Streams
  private let router: StreamRouter
  /// Row n j + i says how much of stream i goes into stream j, [n n, n].
  private let coefficients: StreamCoefficients

  init(
    _ streams: Streams, router: StreamRouter.Weights, coefficients: Vector
  ) throws(TensorError) {
    self.streams = streams
    self.coefficients = StreamCoefficients(coefficients, columns: streams.spec.count)
    self.router = try StreamRouter(
      router, source: streams.matrices[streams.spec.active], streams: streams)
  }

  func run(_ batch: Batch) {
    router.run(batch)
    streams.compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (shares, count) = (router.shares(row: row), streams.spec.count)
    let hidden = streams.buffers.hidden
    let first = streams.buffers.streams.row(row)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (count + 1)) { room in
      for index in 0..<count * count {
        room[index] = coefficients.product(row: index, shares)
      }
      guard let factors = room.baseAddress else { return }
      Self.mix(first, count: count, width: hidden.columns, factors, room: factors + count * count)
    }
    hidden.row(row).update(
      from: streams.matrices[streams.spec.active].row(row), count: hidden.columns)
  }

  /// Adds to each stream what it takes of all.
  private static func mix(
    _ streams: UnsafeMutablePointer<Float>, count: Int, width: Int,
    _ factors: UnsafePointer<Float>, room: UnsafeMutablePointer<Float>
  ) {
    for element in 0..<width {
      for to in 0..<count {
        var sum: Float = 0
        for from in 0..<count {
          sum += factors[to * count + from] * streams[from * width + element]
        }
        room[to] = sum
      }
      for to in 0..<count { streams[to * width + element] += room[to] }
    }
  }
}

/// Gives all streams their share of what a layer changed.
final class StreamCorrection: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let router: StreamRouter.Weights
    /// [n, n].
    let coefficients: Vector
    /// A factor on each element of what is read next, [W]; nil for 1.
    let scale: Vector?
  }

  private let streams: Streams
  private let router: StreamRouter
  private let coefficients: StreamCoefficients
  private let scale: Vector?

  init(_ streams: Streams, _ weights: Weights) throws(TensorError) {
    self.streams = streams
    coefficients = StreamCoefficients(
      weights.coefficients, columns: streams.spec.count)
    scale = weights.scale
    router = try StreamRouter(weights.router, source: streams.buffers.hidden, streams: streams)
  }

  func run(_ batch: Batch) {
    router.run(batch)
    streams.compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let shares = router.shares(row: row)
    let (change, width) = (streams.buffers.hidden.row(row), streams.buffers.hidden.columns)
    let active = streams.matrices[streams.spec.active].row(row)
    for element in 0..<width { change[element] -= active[element] }
    for (index, stream) in streams.matrices.enumerated() {
      let (values, share) = (stream.row(row), coefficients.product(row: index, shares) + 1)
      for element in 0..<width { values[element] += share * change[element] }
    }
    let next = streams.buffers.normed
    let out = next.floats.row(row)
    if let scale {
      for element in 0..<width { out[element] = active[element] * scale.base[element] }
    } else {
      out.update(from: active, count: width)
    }
    next.quantize(row: row, using: streams.compute.processor)
  }
}

/// Adds the norm of a block's output to all streams but the first.
final class StreamAddition: RowOperation, LayerStep {
  private let streams: Streams
  private let norm: WeightedNorm

  init(_ streams: Streams, norm: WeightedNorm) {
    self.streams = streams
    self.norm = norm
  }

  func run(_ batch: Batch) {
    streams.compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (values, processor) = (streams.buffers.branch.row(row), streams.compute.processor)
    norm.apply(to: values, into: values, using: processor)
    for stream in streams.matrices.dropFirst() {
      processor.add(values, to: stream.row(row), count: stream.columns)
    }
  }
}

/// A linear map of low rank beside attention: (h + x + N(right(left(x)))) / √2 for the residual stream h and
/// the normalised row x that attention read.
final class Laurel: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    /// [rank, W].
    let left: Linear
    /// [W, rank].
    let right: Linear
    let norm: WeightedNorm
  }

  private let norm: WeightedNorm
  private let reduce: LinearGroup
  private let expand: LinearGroup
  private let buffers: DecoderBuffers
  private let compute: Compute

  init(
    rank: Int, _ weights: Weights, buffers: DecoderBuffers, compute: Compute
  ) throws(TensorError) {
    norm = weights.norm
    self.buffers = buffers
    self.compute = compute
    let between = buffers.laurel.first(columns: rank)
    reduce = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [weights.left.item(to: between.floats)])
    expand = try LinearGroup(
      input: between.floats, quantized: between.quantized,
      items: [weights.right.item(to: buffers.branch)])
  }

  func run(_ batch: Batch) {
    reduce.runQuantized(rows: batch.rows, on: compute)
    expand.run(rows: batch.rows, on: compute)
    compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (hidden, values, count) = (
      buffers.hidden.row(row), buffers.branch.row(row), buffers.hidden.columns
    )
    let processor = compute.processor
    norm.apply(to: values, into: values, using: processor)
    processor.add(values, to: hidden, count: count)
    processor.add(buffers.normed.floats.row(row), to: hidden, count: count)
    processor.scale(hidden, count: count, by: Float(0.5).squareRoot())
  }
}
