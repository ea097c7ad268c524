package import Tensor

extension TransformerSpec {
  /// Puts the decoder together that computes with the given weights, kernels and threads.
  ///
  /// - Throws: `ModelError` for a tensor that is not there, `TensorError` when memory cannot be had.
  package func makeExecutor(
    weights: ModelWeights, capacity: DecoderCapacity, compute: Compute
  ) throws -> any StepExecutor {
    try TransformerBuilder(spec: self, weights: weights, capacity: capacity, compute: compute)
      .build()
  }
}

/// Puts a decoder together from its spec.
private struct TransformerBuilder {
  private let spec: TransformerSpec
  private let weights: ModelWeights
  private let compute: Compute
  private let buffers: DecoderBuffers
  /// What the attention of each layer shares with others', [L].
  private let parts: [GroupedAttention.Parts]

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
    let cache = try KVCache(capacity: capacity, processor: compute.processor)
    var rotaries: [RotaryKey: RotaryEmbedding] = [:]
    var attentions: [AttentionKey: BatchAttention] = [:]
    parts = try zip(spec.layers, capacity.cacheLayouts).map { layer, layout in
      let spec = layer.attention
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
          out: buffers.attended.floats.columns(0..<spec.queryWidth),
          threads: compute.pool.threads)
      if let rotaryKey { rotaries[rotaryKey] = rotary }
      attentions[attentionKey] = attention
      return GroupedAttention.Parts(
        rotary: rotary, cache: cache, attention: attention, buffers: buffers, compute: compute)
    }
  }

  func build() throws -> TransformerDecoder {
    let embedding = try weights.matrix("token_embd.weight")
    return TransformerDecoder(
      embedding: TokenEmbedding(
        spec.embedding, table: embedding, hidden: buffers.hidden, compute: compute),
      layers: try spec.layers.indices.map(layer),
      head: try OutputHead(
        spec.head, weights: spec.head.isTied ? embedding : weights.matrix("output.weight"),
        norm: weights.vector("output_norm.weight"), buffers: buffers, compute: compute))
  }

  private func layer(_ index: Int) throws -> TransformerDecoder.Layer {
    let spec = spec.layers[index]
    func norm(_ name: String, isThere: Bool) throws -> WeightedNorm? {
      guard isThere else { return nil }
      return WeightedNorm(spec.norm, weight: try weights.vector("blk.\(index).\(name).weight"))
    }
    func input(_ name: String) throws -> Norm {
      Norm(
        try norm(name, isThere: spec.placement.hasPreNorm), from: buffers.hidden,
        to: buffers.normed, compute: compute)
    }
    func residual(_ name: String) throws -> BranchResidual? {
      guard spec.changesBranches else { return nil }
      return BranchResidual(
        try norm(name, isThere: spec.placement.hasPostNorm), scale: spec.residualScale,
        buffers: buffers, compute: compute)
    }
    return TransformerDecoder.Layer(
      attentionNorm: try input("attn_norm"),
      attention: try attention(spec, index),
      attentionResidual: try residual("post_attention_norm"),
      feedForwardNorm: try input("ffn_norm"),
      feedForward: try FeedForward(
        spec.feedForward,
        weights: FeedForward.Weights(
          gate: spec.feedForward.isGated ? linear("ffn_gate", index) : nil,
          up: linear("ffn_up", index), down: linear("ffn_down", index),
          xielu: try spec.feedForward.xielu.map { try xielu($0, index) }),
        buffers: buffers, compute: compute, destination: destination(spec)),
      feedForwardResidual: try residual("post_ffw_norm"))
  }

  private func attention(_ spec: LayerSpec, _ index: Int) throws -> GroupedAttention {
    try GroupedAttention(
      spec.attention,
      weights: GroupedAttention.Weights(
        query: linear("attn_q", index), key: linear("attn_k", index),
        value: linear("attn_v", index), output: linear("attn_output", index),
        queryNorm: weights.optionalVector("blk.\(index).attn_q_norm.weight"),
        keyNorm: weights.optionalVector("blk.\(index).attn_k_norm.weight")),
      layer: index, parts: parts[index], destination: destination(spec))
  }

  private func xielu(_ figures: XIELUFigures, _ layer: Int) throws -> XIELU {
    if case .stated(let own) = figures { return own }
    func number(_ name: String) throws -> Float {
      try weights.vector("blk.\(layer).ffn_act_\(name).weight").base.pointee
    }
    func optional(_ name: String) -> Float? {
      weights.optionalVector("blk.\(layer).ffn_act_\(name).weight")?.base.pointee
    }
    return XIELU(
      trainedSquare: try number("square"), trainedExponential: try number("exponential"),
      slope: optional("slope") ?? XIELU.usualSlope,
      ceiling: optional("ceiling") ?? XIELU.usualCeiling)
  }

  private func linear(_ name: String, _ layer: Int) throws -> Linear {
    Linear(
      weight: try weights.matrix("blk.\(layer).\(name).weight"),
      bias: weights.optionalVector("blk.\(layer).\(name).bias"))
  }

  /// A block's output is added to the residual stream at once, unless something is done to it before.
  private func destination(_ spec: LayerSpec) -> Destination {
    spec.changesBranches
      ? Destination(matrix: buffers.branch, isResidual: false)
      : Destination(matrix: buffers.hidden, isResidual: true)
  }
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
