import Tensor

/// The attention of a layer: output(attention(rotary(query), cache(rotary(key), value))).
///
/// Query heads share key-value heads in groups: Ainslie et al., "GQA", 2023.
final class GroupedAttention: RowOperation, LayerStep {
  /// The weights of one layer.
  struct Weights {
    let query: Linear
    /// None where the layer attends to another's keys.
    let key: Linear?
    /// None where the layer attends to another's values, or where its keys are its values.
    let value: Linear?
    let output: Linear
    /// What gates are projected with; nil where there are none.
    let gate: Linear?
    /// Of queries, keys and values: none, one, or one for each head.
    let queryNorms: [WeightedNorm]
    let keyNorms: [WeightedNorm]
    let valueNorms: [WeightedNorm]
    /// What scores fall by for each position, [Q]; nil for nothing.
    let slopes: Vector?
    /// A logit more of each query head, [Q]; nil for none.
    let sinks: Vector?
  }

  /// What a layer shares with others.
  struct Parts {
    let rotary: RotaryEmbedding?
    let cache: KVCache
    /// The part of the cache that the layer attends to, its own or another's.
    let pages: LayerPages
    /// The group of layers whose tables name its pages.
    let group: Int
    let attention: BatchAttention
    let buffers: DecoderBuffers
    let compute: Compute
  }

  private let spec: AttentionSpec
  private let traits: AttentionTraits
  private let queryNorm: HeadNorm?
  private let keyNorm: HeadNorm?
  private let valueNorm: HeadNorm?
  private let project: LinearGroup
  private let combine: LinearGroup
  private let gate: AttentionGate?
  /// What adapters add to queries, keys, values and gates, and to the output.
  private let projectAdapters: AdapterStep?
  private let combineAdapters: AdapterStep?
  private let padding: HeadPadding?
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
    traits.chunk = spec.chunk
    traits.slopes = weights.slopes
    traits.sinks = weights.sinks
    traits.isCausal = spec.isCausal
    self.traits = traits
    func norm(_ norms: [WeightedNorm], heads: Int) -> HeadNorm? {
      HeadNorm(norms, extent: spec.queryKeyNorm?.extent, heads: heads, length: spec.headLength)
    }
    queryNorm = norm(weights.queryNorms, heads: spec.queryHeads)
    keyNorm = norm(weights.keyNorms, heads: spec.keyValueHeads)
    valueNorm = HeadNorm(
      weights.valueNorms, extent: nil, heads: spec.keyValueHeads, length: spec.headLength)
    queries = buffers.queries.columns(0..<spec.projectedQueryWidth)
    keys = buffers.keys.columns(0..<spec.projectedKeyValueWidth)
    values = buffers.values.columns(0..<spec.projectedKeyValueWidth)
    padding = HeadPadding(spec, attended: buffers.attended.floats)
    let attended = buffers.attended.first(columns: spec.attendedWidth)
    var items = [
      weights.query.item(to: queries), weights.key?.item(to: keys),
      weights.value?.item(to: values),
    ].compactMap(\.self)
    gate = weights.gate.map { gate in
      let gates = buffers.gates.floats.columns(0..<spec.projectedQueryWidth)
      items.append(gate.item(to: gates))
      return AttentionGate(
        gates: gates, attended: attended.floats, processor: parts.compute.processor)
    }
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized, items: items)
    combine = try LinearGroup(
      input: attended.floats, quantized: attended.quantized,
      items: [weights.output.item(to: destination)])
    let gates = buffers.gates.floats.columns(
      0..<(weights.gate == nil ? 0 : spec.projectedQueryWidth))
    projectAdapters = AdapterStep(
      input: buffers.normed.floats,
      [
        (weights.query, queries), (weights.key, keys), (weights.value, values),
        (weights.gate, gates),
      ].compactMap { linear, destination in linear.map { ($0, destination) } },
      compute: parts.compute)
    combineAdapters = AdapterStep(
      input: attended.floats, [(weights.output, destination.matrix)], compute: parts.compute)
  }

  /// Attends from the normalised rows, [T, W].
  func run(_ batch: Batch) {
    project.runQuantized(rows: batch.rows, on: parts.compute)
    projectAdapters?.run(batch)
    parts.compute.forEachRow(of: batch, self)
    batch.withBlocks(of: parts.group) { blocks, tables in
      parts.attention.run(
        blocks: blocks, tables: tables, pages: parts.pages, traits: traits, on: parts.compute)
    }
    if let padding { parts.compute.forEachRow(of: batch, padding) }
    if let gate { parts.compute.forEachRow(of: batch, gate) }
    combine.run(rows: batch.rows, on: parts.compute)
    combineAdapters?.run(batch)
  }

  /// Normalises and rotates a row's queries and keys, and writes its keys and values into the cache.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let position = batch.pointee.positions[row]
    let processor = parts.compute.processor
    let queries = queries.row(row)
    if let bound = spec.clamp {
      processor.clamp(queries, count: spec.projectedQueryWidth, to: bound)
    }
    turn(queries, heads: spec.queryHeads, norm: queryNorm, to: position)
    if let temperature = spec.temperature {
      processor.scale(
        queries, count: spec.projectedQueryWidth, by: temperature.factor(at: position))
    }
    padding?.widen(queries, heads: spec.queryHeads)
    if spec.source == nil {
      let page = batch.pointee.page(of: position, row: row, group: parts.group)
      writeKeysAndValues(row: row, page: page, position)
    }
  }

  private func writeKeysAndValues(row: Int, page: Int32, _ position: Int) {
    let processor = parts.compute.processor
    let (keys, values) = (keys.row(row), values.row(row))
    if spec.valuesAreKeys { values.update(from: keys, count: spec.projectedKeyValueWidth) }
    if let bound = spec.clamp {
      processor.clamp(keys, count: spec.projectedKeyValueWidth, to: bound)
      processor.clamp(values, count: spec.projectedKeyValueWidth, to: bound)
    }
    turn(keys, heads: spec.keyValueHeads, norm: keyNorm, to: position)
    valueNorm?.apply(to: values, using: processor)
    padding?.widen(keys, heads: spec.keyValueHeads)
    padding?.widen(values, heads: spec.keyValueHeads)
    parts.cache.write(
      keys: keys, values: values, to: parts.pages, page: page, position: position)
  }

  /// Rotates heads to a position, and normalises them before or after.
  private func turn(
    _ heads: UnsafeMutablePointer<Float>, heads count: Int, norm: HeadNorm?, to position: Int
  ) {
    let followsRotation = spec.queryKeyNorm?.followsRotation ?? false
    if !followsRotation { norm?.apply(to: heads, using: parts.compute.processor) }
    parts.rotary?.rotate(heads, heads: count, position: position)
    if followsRotation { norm?.apply(to: heads, using: parts.compute.processor) }
  }
}

/// The gates on what attention gathered.
private final class AttentionGate: RowOperation {
  /// [T, Q D], as what they are for.
  private let gates: Matrix
  private let attended: Matrix
  private let processor: Processor

  init(gates: Matrix, attended: Matrix, processor: Processor) {
    self.gates = gates
    self.attended = attended
    self.processor = processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    processor.sigmoidGate(
      attended.row(row), gate: UnsafePointer(gates.row(row)), count: gates.columns)
  }
}

/// The norm of a layer's queries, keys or values.
private struct HeadNorm: Sendable {
  /// What is normalised apart.
  private let parts: Int
  /// One for all parts, or one for each.
  private let norms: [WeightedNorm]
  /// Elements from one part to the next.
  private let stride: Int

  /// Nil where there is none.
  init?(_ norms: [WeightedNorm], extent: QueryKeyNorm.Extent?, heads: Int, length: Int) {
    guard !norms.isEmpty else { return nil }
    self.norms = norms
    (parts, stride) = extent == .row ? (1, 0) : (heads, length)
  }

  /// Normalises a row in place.
  func apply(to row: UnsafeMutablePointer<Float>, using processor: Processor) {
    for part in 0..<parts {
      let values = row + part * stride
      norms[part % norms.count].apply(to: values, into: values, using: processor)
    }
  }
}
