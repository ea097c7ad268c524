import Tensor

/// Makes the streams of the embedding: the first is the embedding, the others products of it that are as
/// large.
final class StreamEntry: RowOperation, LayerStep {
  private let streams: Streams
  private let copy: Norm
  private let project: LinearGroup

  /// - Parameter projections: [W, W] for each stream but the first.
  init(_ streams: Streams, projections: [Linear]) throws(TensorError) {
    self.streams = streams
    let buffers = streams.buffers
    copy = Norm(nil, from: buffers.hidden, to: buffers.normed, compute: streams.compute)
    project = try streams.product(
      zip(projections, streams.matrices.dropFirst()).map { $0.item(to: $1) })
  }

  func run(_ batch: Batch) {
    copy.run(batch)
    project.runQuantized(rows: batch.rows, on: streams.compute)
    streams.compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let hidden = streams.buffers.hidden
    let square = Streams.meanSquare(hidden.row(row), hidden.columns)
    streams.matrices[0].row(row).update(from: hidden.row(row), count: hidden.columns)
    for stream in streams.matrices.dropFirst() { streams.match(stream.row(row), to: square) }
  }
}

/// Makes one row of the streams: the mean of the first and of products of the others that are as large.
final class StreamExit: RowOperation, LayerStep {
  private let streams: Streams
  private let copies: [Norm]
  private let products: [LinearGroup]

  /// - Parameter projections: [W, W] for each stream but the first.
  init(_ streams: Streams, projections: [Linear]) throws(TensorError) {
    self.streams = streams
    let others = streams.matrices.dropFirst()
    copies = others.map {
      Norm(nil, from: $0, to: streams.buffers.normed, compute: streams.compute)
    }
    products = try zip(projections, others).map { projection, stream throws(TensorError) in
      try streams.product([projection.item(to: stream)])
    }
  }

  func run(_ batch: Batch) {
    for (copy, product) in zip(copies, products) {
      copy.run(batch)
      product.runQuantized(rows: batch.rows, on: streams.compute)
    }
    streams.compute.forEachRow(of: batch, self)
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let (hidden, processor) = (streams.buffers.hidden, streams.compute.processor)
    let (sum, width) = (hidden.row(row), hidden.columns)
    let first = streams.matrices[0].row(row)
    let square = Streams.meanSquare(first, width)
    sum.update(from: first, count: width)
    for stream in streams.matrices.dropFirst() {
      streams.match(stream.row(row), to: square)
      processor.add(stream.row(row), to: sum, count: width)
    }
    processor.scale(sum, count: width, by: 1 / Float(streams.spec.count))
  }
}
