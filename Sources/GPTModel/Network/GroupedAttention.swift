import Tensor

/// The attention of a layer: output(attention(rotary(query), cache(rotary(key), value))).
///
/// Query heads share key-value heads in groups: Ainslie et al., "GQA", 2023.
final class GroupedAttention: RowOperation {
  /// The weights of one layer.
  struct Weights {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    /// Of each head's queries and keys, [D].
    let queryNorm: Vector?
    let keyNorm: Vector?
  }

  /// What a layer shares with others.
  struct Parts {
    let rotary: RotaryEmbedding
    let cache: KVCache
    let attention: BatchAttention
    let buffers: DecoderBuffers
    let compute: Compute
  }

  private let spec: AttentionSpec
  private let traits: AttentionTraits
  private let norms: QueryKeyNorm?
  private let project: LinearGroup
  private let combine: LinearGroup
  private let layer: Int
  private let parts: Parts
  private let queries: Matrix
  private let keys: Matrix
  private let values: Matrix

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: AttentionSpec, weights: Weights, layer: Int, parts: Parts, destination: Destination
  ) throws(TensorError) {
    self.spec = spec
    self.layer = layer
    self.parts = parts
    let buffers = parts.buffers
    traits = AttentionTraits(
      scale: spec.scale, window: spec.window, softCap: spec.softCap)
    norms = QueryKeyNorm(spec, queries: weights.queryNorm, keys: weights.keyNorm)
    queries = buffers.queries.columns(0..<spec.queryWidth)
    keys = buffers.keys.columns(0..<spec.keyValueWidth)
    values = buffers.values.columns(0..<spec.keyValueWidth)
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [
        weights.query.item(to: queries), weights.key.item(to: keys),
        weights.value.item(to: values),
      ])
    let attended = buffers.attended.first(columns: spec.queryWidth)
    combine = try LinearGroup(
      input: attended.floats, quantized: attended.quantized,
      items: [weights.output.item(to: destination)])
  }

  /// Attends from the normalised rows, [T, W].
  func run(_ batch: Batch) {
    project.runQuantized(rows: batch.rows, on: parts.compute)
    parts.compute.forEachRow(of: batch, self)
    batch.withBlocks { blocks, tables in
      parts.attention.run(
        blocks: blocks, tables: tables, pages: parts.cache.pages(ofLayer: layer), traits: traits,
        on: parts.compute)
    }
    combine.run(rows: batch.rows, on: parts.compute)
  }

  /// Normalises and rotates a row's queries and keys, and writes its keys and values into the cache.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let position = batch.pointee.positions[row]
    norms?.apply(queries: queries.row(row), keys: keys.row(row), using: parts.compute.processor)
    parts.rotary.rotate(queries.row(row), heads: spec.queryHeads, position: position)
    parts.rotary.rotate(keys.row(row), heads: spec.keyValueHeads, position: position)
    parts.cache.write(
      keys: keys.row(row), values: values.row(row), layer: layer,
      page: batch.pointee.page(of: position, row: row), position: position)
  }
}

/// The norm of each head's queries and keys, before they are rotated.
private struct QueryKeyNorm: Sendable {
  private let queryHeads: Int
  private let keyHeads: Int
  private let headLength: Int
  private let queryNorm: RMSNorm
  private let keyNorm: RMSNorm
  private let weights: [Vector]

  /// Nil where the layer has none.
  init?(_ spec: AttentionSpec, queries: Vector?, keys: Vector?) {
    guard case .perHead(let norm)? = spec.queryKeyNorm, let queries, let keys else { return nil }
    queryHeads = spec.queryHeads
    keyHeads = spec.keyValueHeads
    headLength = spec.headLength
    weights = [queries, keys]
    queryNorm = RMSNorm(weights: queries.base, count: spec.headLength, epsilon: norm.epsilon)
    keyNorm = RMSNorm(weights: keys.base, count: spec.headLength, epsilon: norm.epsilon)
  }

  /// Normalises a row's queries [Q, D] and keys [G, D] in place.
  func apply(
    queries: UnsafeMutablePointer<Float>, keys: UnsafeMutablePointer<Float>,
    using processor: Processor
  ) {
    for head in 0..<queryHeads {
      let values = queries + head * headLength
      queryNorm.apply(to: values, into: values, using: processor)
    }
    for head in 0..<keyHeads {
      let values = keys + head * headLength
      keyNorm.apply(to: values, into: values, using: processor)
    }
  }
}
