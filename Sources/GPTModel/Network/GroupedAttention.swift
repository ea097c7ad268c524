import Tensor

/// The attention of a layer: output(attention(rotary(query), cache(rotary(key), value))).
///
/// Query heads share key-value heads in groups: Ainslie et al., "GQA", 2023.
final class GroupedAttention: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    /// Of queries and keys: none, one, or one for each head.
    let queryNorms: [WeightedNorm]
    let keyNorms: [WeightedNorm]
    /// What scores fall by for each position, [Q]; nil for nothing.
    let slopes: Vector?
  }

  /// What a layer shares with others.
  struct Parts {
    let rotary: RotaryEmbedding?
    let cache: KVCache
    /// The layer's own part of the cache.
    let pages: LayerPages
    let attention: BatchAttention
    let buffers: DecoderBuffers
    let compute: Compute
  }

  private let spec: AttentionSpec
  private let traits: AttentionTraits
  private let norms: HeadNorms?
  private let project: LinearGroup
  private let combine: LinearGroup
  private let parts: Parts
  private let queries: Matrix
  private let keys: Matrix
  private let values: Matrix

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: AttentionSpec, weights: Weights, parts: Parts, destination: Destination
  ) throws(TensorError) {
    self.spec = spec
    self.parts = parts
    let buffers = parts.buffers
    var traits = AttentionTraits(
      scale: spec.scale, window: spec.window, softCap: spec.softCap)
    traits.slopes = weights.slopes
    self.traits = traits
    norms = HeadNorms(spec, queries: weights.queryNorms, keys: weights.keyNorms)
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
        blocks: blocks, tables: tables, pages: parts.pages, traits: traits, on: parts.compute)
    }
    combine.run(rows: batch.rows, on: parts.compute)
  }

  /// Normalises and rotates a row's queries and keys, and writes its keys and values into the cache.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let position = batch.pointee.positions[row]
    let (queries, keys) = (queries.row(row), keys.row(row))
    let processor = parts.compute.processor
    if let bound = spec.clamp {
      processor.clamp(queries, count: spec.queryWidth, to: bound)
      processor.clamp(keys, count: spec.keyValueWidth, to: bound)
      processor.clamp(values.row(row), count: spec.keyValueWidth, to: bound)
    }
    if let norms, !norms.followsRotation {
      norms.apply(queries: queries, keys: keys, using: processor)
    }
    parts.rotary?.rotate(queries, heads: spec.queryHeads, position: position)
    parts.rotary?.rotate(keys, heads: spec.keyValueHeads, position: position)
    if let norms, norms.followsRotation {
      norms.apply(queries: queries, keys: keys, using: processor)
    }
    if let temperature = spec.temperature {
      processor.scale(
        queries, count: spec.queryWidth, by: temperature.factor(at: position))
    }
    parts.cache.write(
      keys: keys, values: values.row(row), to: parts.pages,
      page: batch.pointee.page(of: position, row: row), position: position)
  }
}

/// The norms of a layer's queries and keys.
private struct HeadNorms: Sendable {
  /// Whether queries and keys are rotated first.
  let followsRotation: Bool
  private let queryHeads: Int
  private let keyHeads: Int
  /// One for all heads, or one for each.
  private let queryNorms: [WeightedNorm]
  private let keyNorms: [WeightedNorm]
  /// Elements from one head that is normalised by itself to the next.
  private let stride: Int

  /// Nil where the layer has none.
  init?(_ spec: AttentionSpec, queries: [WeightedNorm], keys: [WeightedNorm]) {
    guard let own = spec.queryKeyNorm, !queries.isEmpty, !keys.isEmpty else { return nil }
    followsRotation = own.followsRotation
    queryNorms = queries
    keyNorms = keys
    switch own.extent {
    case .head, .ownHead:
      (queryHeads, keyHeads) = (spec.queryHeads, spec.keyValueHeads)
      stride = spec.headLength
    case .row:
      (queryHeads, keyHeads) = (1, 1)
      stride = 0
    }
  }

  /// Normalises a row's queries [Q, D] and keys [G, D] in place.
  func apply(
    queries: UnsafeMutablePointer<Float>, keys: UnsafeMutablePointer<Float>,
    using processor: Processor
  ) {
    for head in 0..<queryHeads {
      let values = queries + head * stride
      queryNorms[head % queryNorms.count].apply(to: values, into: values, using: processor)
    }
    for head in 0..<keyHeads {
      let values = keys + head * stride
      keyNorms[head % keyNorms.count].apply(to: values, into: values, using: processor)
    }
  }
}
