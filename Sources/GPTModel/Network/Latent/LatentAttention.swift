import Tensor

/// The attention of a layer whose keys and values are made of latents: DeepSeek-AI, "DeepSeek-V2", 2024.
///
/// With C the latent of a position, q · (K C) is (Kᵀ q) · C, and the sum of p V C is V times the sum of
/// p C: all heads attend to the same latents.
final class LatentAttention: RowOperation, LayerStep {
  /// How queries are made in two steps.
  struct Reduction {
    let rank: Int
    /// [rank, W].
    let matrix: Linear
    /// Of the row between the matrices, [rank].
    let norm: WeightedNorm
  }

  /// The weights of one layer.
  struct Weights {
    /// None where queries are made of rows at once.
    let reduction: Reduction?
    /// [Q (N + R), rank or W].
    let query: Linear
    /// The latent, and behind it the rotated part of keys, [rank + R, W].
    let latent: Linear
    /// [rank].
    let latentNorm: WeightedNorm
    /// Of each head, Kᵀ, [rank, N].
    let keys: [Linear]
    /// Of each head, V, [value length, rank].
    let values: [Linear]
    let output: Linear
  }

  private let spec: AttentionSpec
  private let latent: LatentSpec
  private let latentNorm: WeightedNorm
  private let parts: GroupedAttention.Parts
  private let project: LinearGroup
  private let reduction: QueryReduction?
  private let absorb: LinearGroups
  private let expand: LinearGroups
  private let round: HeadRounding?
  private let combine: LinearGroup
  /// As they are projected, [T, Q (N + R)].
  private let headQueries: Matrix
  /// As they meet keys, [T, Q kept].
  private let queries: Matrix
  /// [T, kept].
  private let keys: Matrix

  /// - Parameter destination: Where the output goes.
  init(
    _ spec: AttentionSpec, _ latent: LatentSpec, weights: Weights, parts: GroupedAttention.Parts,
    destination: Destination
  ) throws(TensorError) {
    (self.spec, self.latent, self.parts) = (spec, latent, parts)
    let buffers = parts.buffers
    latentNorm = weights.latentNorm
    let headQueries = buffers.headQueries.columns(0..<spec.queryHeads * spec.headLength)
    self.headQueries = headQueries
    queries = buffers.queries.columns(0..<spec.queryWidth)
    keys = buffers.keys.columns(0..<latent.keptLength)
    let latents = keys.columns(0..<latent.rank + latent.rotatedLength)
    reduction = try weights.reduction.map { own throws(TensorError) in
      try QueryReduction(own, query: weights.query, to: headQueries, parts: parts)
    }
    let first = weights.reduction.map {
      $0.matrix.item(to: buffers.queryLatents.floats.columns(0..<$0.rank))
    }
    project = try LinearGroup(
      input: buffers.normed.floats, quantized: buffers.normed.quantized,
      items: [first ?? weights.query.item(to: headQueries), weights.latent.item(to: latents)])
    absorb = try Self.absorbed(weights.keys, spec, latent, buffers)
    expand = try Self.expanded(weights.values, spec, latent, buffers)
    round =
      expand.readsQuantizedInput
      ? HeadRounding(spec, latent, buffers: buffers, compute: parts.compute) : nil
    let attended = buffers.attended.first(columns: spec.attendedWidth)
    combine = try LinearGroup(
      input: attended.floats, quantized: attended.quantized,
      items: [weights.output.item(to: destination)])
  }

  /// Attends from the normalised rows, [T, W].
  func run(_ batch: Batch) {
    let (rows, compute) = (batch.rows, parts.compute)
    project.runQuantized(rows: rows, on: compute)
    reduction?.run(batch)
    compute.forEachRow(of: batch, self)
    absorb.runQuantized(rows: rows, on: compute)
    batch.withBlocks(of: parts.group) { blocks, tables in
      parts.attention.run(
        blocks: blocks, tables: tables, pages: parts.pages,
        traits: AttentionTraits(scale: spec.scale, window: spec.window), on: compute)
    }
    if let round { compute.forEachRow(of: batch, round) }
    expand.runQuantized(rows: rows, on: compute)
    combine.run(rows: rows, on: compute)
  }

  /// Rotates a row's queries, and writes its latent and the rotated part of its keys into the cache.
  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    let position = batch.pointee.positions[row]
    turnQueries(row: row, to: position)
    let key = keys.row(row)
    latentNorm.apply(to: key, into: key, using: parts.compute.processor)
    parts.rotary?.rotate(key + latent.rank, heads: 1, position: position)
    clear(key)
    parts.cache.write(
      keys: key, values: key, to: parts.pages,
      page: batch.pointee.page(of: position, row: row, group: parts.group), position: position)
  }

  private func turnQueries(row: Int, to position: Int) {
    let (own, processor) = (headQueries.row(row), parts.compute.processor)
    parts.rotary?.rotate(own + latent.keyLength, heads: spec.queryHeads, position: position)
    if let temperature = spec.temperature {
      processor.scale(own, count: headQueries.columns, by: temperature.factor(at: position))
    }
    let kept = queries.row(row)
    for head in 0..<spec.queryHeads {
      let from = own + head * spec.headLength
      let to = kept + head * latent.keptLength
      (to + latent.rank).update(from: from + latent.keyLength, count: latent.rotatedLength)
      clear(to)
      if absorb.readsQuantizedInput { round(from, head: head, row: row) }
    }
  }

  /// Clears what stands behind the rotated part.
  private func clear(_ kept: UnsafeMutablePointer<Float>) {
    let used = latent.rank + latent.rotatedLength
    (kept + used).update(repeating: 0, count: latent.keptLength - used)
  }

  private func round(_ query: UnsafePointer<Float>, head: Int, row: Int) {
    let rounded = parts.buffers.roundedQueries.first(columns: latent.keyLength)
    rounded.quantize(
      row: head * headQueries.rows + row, from: query, using: parts.compute.processor)
  }
}

extension LatentAttention {
  /// The products of queries with the matrices of keys.
  private static func absorbed(
    _ heads: [Linear], _ spec: AttentionSpec, _ latent: LatentSpec, _ buffers: DecoderBuffers
  ) throws(TensorError) -> LinearGroups {
    let rounded = rows(of: buffers.roundedQueries, columns: latent.keyLength)
    var groups: [LinearGroup] = []
    for (head, matrix) in heads.enumerated() {
      let (from, to) = (head * spec.headLength, head * latent.keptLength)
      groups.append(
        try LinearGroup(
          input: buffers.headQueries.columns(from..<from + latent.keyLength),
          quantized: rounded?(head, buffers.headQueries.rows),
          items: [matrix.item(to: buffers.queries.columns(to..<to + latent.rank))]))
    }
    return LinearGroups(groups)
  }

  /// The products of what heads gathered with the matrices of values.
  private static func expanded(
    _ heads: [Linear], _ spec: AttentionSpec, _ latent: LatentSpec, _ buffers: DecoderBuffers
  ) throws(TensorError) -> LinearGroups {
    let rounded = rows(of: buffers.roundedLatents, columns: latent.rank)
    var groups: [LinearGroup] = []
    for (head, matrix) in heads.enumerated() {
      let (from, to) = (head * latent.keptValueLength, head * latent.valueLength)
      groups.append(
        try LinearGroup(
          input: buffers.gathered.columns(from..<from + latent.rank),
          quantized: rounded?(head, buffers.gathered.rows),
          items: [
            matrix.item(to: buffers.attended.floats.columns(to..<to + latent.valueLength))
          ]))
    }
    return LinearGroups(groups)
  }

  /// A head's part of rounded rows; nil where the columns are no whole blocks.
  private static func rows(
    of activations: Activations, columns: Int
  ) -> ((_ head: Int, _ rows: Int) -> Activations)? {
    guard columns.isMultiple(of: Activations.blockLength) else { return nil }
    let own = activations.first(columns: columns)
    return { head, rows in own.rows(head * rows..<(head + 1) * rows) }
  }
}

/// The first of two steps to queries: a product of low rank, and its norm.
private final class QueryReduction: Sendable {
  private let norm: Norm
  private let expand: LinearGroup
  private let compute: Compute

  /// - Parameter queries: Where the queries go, [T, Q (N + R)].
  init(
    _ own: LatentAttention.Reduction, query: Linear, to queries: Matrix,
    parts: GroupedAttention.Parts
  ) throws(TensorError) {
    let latents = parts.buffers.queryLatents.first(columns: own.rank)
    norm = Norm(own.norm, from: latents.floats, to: latents, compute: parts.compute)
    expand = try LinearGroup(
      input: latents.floats, quantized: latents.quantized, items: [query.item(to: queries)])
    compute = parts.compute
  }

  func run(_ batch: Batch) {
    norm.run(batch)
    expand.runQuantized(rows: batch.rows, on: compute)
  }
}

/// Rounds what each head gathered.
private final class HeadRounding: RowOperation {
  private let heads: Int
  private let latent: LatentSpec
  private let gathered: Matrix
  private let rounded: Activations
  private let processor: Processor

  init(
    _ spec: AttentionSpec, _ latent: LatentSpec, buffers: DecoderBuffers, compute: Compute
  ) {
    heads = spec.queryHeads
    self.latent = latent
    gathered = buffers.gathered
    rounded = buffers.roundedLatents.first(columns: latent.rank)
    processor = compute.processor
  }

  func run(row: Int, target: Int, of batch: UnsafePointer<Batch>) {
    for head in 0..<heads {
      rounded.quantize(
        row: head * gathered.rows + row,
        from: gathered.row(row) + head * latent.keptValueLength, using: processor)
    }
  }
}
