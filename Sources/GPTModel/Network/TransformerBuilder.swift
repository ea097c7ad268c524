import Tensor

extension TransformerSpec {
  /// Puts the decoder together that computes with the given weights, kernels and threads.
  ///
  /// - Parameter store: The rows of attachments; nil where steps have none.
  /// - Throws: `ModelError` for a tensor that is not there, `TensorError` when memory cannot be had.
  func makeExecutor(
    weights: ModelWeights, capacity: DecoderCapacity, compute: Compute,
    store: EmbeddingStore?
  ) throws -> any StepExecutor {
    try TransformerBuilder(spec: self, weights: weights, capacity: capacity, compute: compute)
      .build(store: store)
  }
}

/// Puts a decoder together from its spec.
private struct TransformerBuilder {
  private let spec: TransformerSpec
  private let weights: ModelWeights
  private let compute: Compute
  private let buffers: DecoderBuffers
  /// What the attention of each layer shares with others', [L]; nil for layers without attention.
  private let parts: [GroupedAttention.Parts?]
  /// The states of recurrences; nil where no layer has one.
  private let states: StateCache?

  /// Layers with the same angles share a table of them.
  private struct RotaryKey: Hashable {
    let spec: RotarySpec
    let headLength: Int
  }

  /// Layers with the same heads share what attention needs.
  private struct AttentionKey: Hashable {
    let queryHeads: Int
    let layout: PageLayout
  }

  init(
    spec: TransformerSpec, weights: ModelWeights, capacity: DecoderCapacity, compute: Compute
  ) throws {
    self.spec = spec
    self.weights = weights
    self.compute = compute
    let buffers = try DecoderBuffers(spec: spec, capacity: capacity)
    self.buffers = buffers
    states = try capacity.limits.stateSlots.map { try StateCache(spec: spec, slots: $0) }
    let cache = try KVCache(capacity: capacity, processor: compute.processor)
    var rotaries: [RotaryKey: RotaryEmbedding] = [:]
    var attentions: [AttentionKey: BatchAttention] = [:]
    parts = try zip(spec.layers, capacity.cacheLayouts).enumerated().map { index, layer in
      let source = layer.0.attention?.source ?? index
      guard let spec = layer.0.attention, let pages = cache.pages(ofLayer: source),
        let place = capacity.cacheGroups.places[source]
      else { return nil }
      let layout = pages.layout
      let rotaryKey = spec.rotary.map { RotaryKey(spec: $0, headLength: spec.headLength) }
      let rotary = try rotaryKey.map {
        try rotaries[$0]
          ?? RotaryEmbedding(
            $0.spec,
            divisors: weights.divisors($0.spec, contextLength: capacity.contextLength),
            headLength: spec.headLength, positions: capacity.contextLength,
            processor: compute.processor)
      }
      let attentionKey = AttentionKey(queryHeads: spec.queryHeads, layout: layout)
      let attention =
        try attentions[attentionKey]
        ?? BatchAttention(
          BatchAttention.Shape(
            queryHeads: spec.queryHeads, layout: layout, rowsPerBlock: Batch.rowsPerBlock,
            contextLength: capacity.contextLength),
          queries: buffers.queries.columns(0..<spec.queryWidth),
          out: spec.latent == nil
            ? buffers.attended.floats.columns(0..<spec.queryWidth)
            : buffers.gathered.columns(0..<spec.queryHeads * layout.valueLength),
          threads: compute.pool.threads)
      if let rotaryKey { rotaries[rotaryKey] = rotary }
      attentions[attentionKey] = attention
      return GroupedAttention.Parts(
        rotary: rotary, cache: cache, pages: pages, group: place.group, attention: attention,
        buffers: buffers, compute: compute)
    }
  }

  func build(store: EmbeddingStore?) throws -> TransformerDecoder {
    let streams = spec.streams.map { Streams($0, buffers: buffers, compute: compute) }
    var layers = try spec.layers.indices.map { try layer($0, streams: streams) }
    if let own = spec.embedding.perLayer { layers.insert([try perLayerParts(own)], at: 0) }
    if let streams {
      let entry = try StreamEntry(streams, projections: projections("altup_proj"))
      layers.insert([entry], at: spec.embedding.perLayer == nil ? 0 : 1)
      layers.append([try StreamExit(streams, projections: projections("altup_unembd_proj"))])
    }
    return TransformerDecoder(
      embedding: try embedding(store: store),
      layers: layers.map { TransformerDecoder.Layer(steps: $0) }, head: try head(),
      states: states, buffers: buffers)
  }

  /// The products of all streams but the first.
  private func projections(_ name: String) throws -> [Linear] {
    try (1..<(spec.streams?.count ?? 1)).map { try linear("\(name).\($0 - 1)") }
  }

  private func perLayerParts(_ own: PerLayerEmbedding) throws -> PerLayerParts {
    try PerLayerParts(
      own,
      weights: PerLayerParts.Weights(
        table: weights.matrix("per_layer_token_embd.weight"),
        projection: linear("per_layer_model_proj"),
        norm: weights.norm(own.norm, "per_layer_proj_norm", count: own.width)),
      buffers: buffers, compute: compute)
  }

  private func embedding(store: EmbeddingStore?) throws -> TokenEmbedding {
    try TokenEmbedding(
      spec.embedding,
      weights: TokenEmbedding.Weights(
        table: weights.matrix("token_embd.weight"),
        positions: spec.embedding.positions.map { _ in try weights.matrix("position_embd.weight") },
        types: spec.embedding.types.map { _ in try weights.matrix("token_types.weight") },
        projection: spec.embedding.width.map { _ in try linear("token_embd_proj") },
        norm: spec.embedding.norm.map {
          try weights.norm($0, "token_embd_norm", count: spec.width)
        }),
      store: store, buffers: buffers, compute: compute)
  }

  private func head() throws -> OutputHead {
    let output =
      try !spec.head.hasLogits
      ? nil
      : Linear(
        weight: weights.matrix(spec.head.isTied ? "token_embd.weight" : "output.weight"),
        bias: weights.optionalVector("output.bias"))
    return try OutputHead(
      spec.head,
      weights: OutputHead.Weights(
        norm: spec.head.norm.map { try weights.norm($0, "output_norm", count: spec.width) },
        projection: spec.embedding.width.map { _ in try linear("output_proj") },
        output: output),
      buffers: buffers, compute: compute)
  }

  private func layer(_ index: Int, streams: Streams?) throws -> [any LayerStep] {
    let before = spec.layers[..<index].reduce(0) { $0 + ($1.recurrence?.stateCount ?? 0) }
    let builder = LayerBuilder(
      spec: spec.layers[index], width: spec.width, index: index, weights: weights,
      buffers: buffers, compute: compute, parts: parts[index],
      states: states?.states(after: before))
    return try builder.build(streams: streams)
  }

  private func linear(_ name: String) throws -> Linear { try weights.linear(name) }
}

extension ModelWeights {
  /// A divisor of each pair's angle, [R/2], in contexts of at most some positions; empty for none.
  fileprivate func divisors(_ rotary: RotarySpec, contextLength: Int) -> [Float] {
    func tensor(_ name: String) -> [Float] { optionalVector("\(name).weight")?.array ?? [] }
    guard case .longRope(let figures) = rotary.scaling else {
      return rotary.readsDivisors ? tensor("rope_freqs") : []
    }
    return contextLength > figures.originalContext
      ? figures.long ?? tensor("rope_factors_long") : figures.short ?? tensor("rope_factors_short")
  }
}
