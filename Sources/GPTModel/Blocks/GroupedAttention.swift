import Tensor

/// The attention part of a layer: h += output(attention(rotary(query), cache(rotary(key), value))).
///
/// Query heads share key-value heads in groups: Ainslie et al., "GQA", 2023.
struct GroupedAttention: Sendable {
  /// The weights of one layer.
  struct Weights {
    let norm: Vector
    let query: WeightMatrix
    let key: WeightMatrix
    let value: WeightMatrix
    let output: WeightMatrix
  }

  private let norm: Norm
  private let project: LinearGroup
  private let combine: LinearGroup
  private let layer: Int
  private let traits: AttentionTraits
  private let parts: Parts

  /// What all layers share.
  struct Parts: Sendable {
    let shape: ModelShape
    let epsilon: Float
    let rotary: RotaryEmbedding
    let cache: KVCache
    let attention: BatchAttention
    let buffers: DecoderBuffers
    let compute: Compute
  }

  init(_ weights: Weights, layer: Int, parts: Parts) throws(TensorError) {
    let buffers = parts.buffers
    norm = Norm(
      weight: weights.norm, epsilon: parts.epsilon, buffers: buffers, compute: parts.compute)
    project = try LinearGroup(
      input: buffers.normed, quantized: buffers.quantizedNormed,
      items: [
        LinearGroup.Item(weights: weights.query, destination: buffers.queries, accumulate: false),
        LinearGroup.Item(weights: weights.key, destination: buffers.keys, accumulate: false),
        LinearGroup.Item(weights: weights.value, destination: buffers.values, accumulate: false),
      ])
    combine = try LinearGroup(
      input: buffers.attended, quantized: buffers.quantizedAttended,
      items: [
        LinearGroup.Item(weights: weights.output, destination: buffers.hidden, accumulate: true)
      ]
    )
    self.layer = layer
    traits = AttentionTraits(scale: 1 / Float(parts.shape.headLength).squareRoot())
    self.parts = parts
  }

  /// Adds the block's output to the hidden rows, [T, W].
  func run(_ batch: Batch) {
    norm.run(rows: batch.rows)
    project.runQuantized(rows: batch.rows, on: parts.compute)
    place(batch)
    attend(batch)
    combine.run(rows: batch.rows, on: parts.compute)
  }

  /// Rotates queries and keys, and writes keys and values into the cache.
  private func place(_ batch: Batch) {
    parts.compute.forEachRow(
      of: batch.rows, with: Placing(attention: self, batch: batch)
    ) { job, row in
      let job = job.assumingMemoryBound(to: Placing.self)
      job.pointee.attention.place(row: row, of: job.pointee.batch)
    }
  }

  private struct Placing {
    let attention: GroupedAttention
    let batch: Batch
  }

  private func place(row: Int, of batch: Batch) {
    let (buffers, shape) = (parts.buffers, parts.shape)
    let position = batch.positions[row]
    parts.rotary.rotate(buffers.queries.row(row), heads: shape.queryHeads, position: position)
    parts.rotary.rotate(buffers.keys.row(row), heads: shape.keyValueHeads, position: position)
    parts.cache.write(
      keys: buffers.keys.row(row), values: buffers.values.row(row), layer: layer,
      page: batch.page(of: position, row: row), position: position)
  }

  /// Attends from every row to its sequence's positions up to its own.
  private func attend(_ batch: Batch) {
    batch.withBlocks { blocks, tables in
      parts.attention.run(
        blocks: blocks, tables: tables, pages: parts.cache.pages(ofLayer: layer), traits: traits,
        on: parts.compute)
    }
  }
}
