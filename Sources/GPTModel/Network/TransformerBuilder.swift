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
    let divisors = weights.optionalVector("rope_freqs.weight")?.array ?? []
    var rotaries: [RotaryKey: RotaryEmbedding] = [:]
    var attentions: [AttentionKey: BatchAttention] = [:]
    parts = try zip(spec.layers, capacity.cacheLayouts).map { layer, layout in
      let spec = layer.attention
      let rotaryKey = RotaryKey(spec: spec.rotary, headLength: spec.headLength)
      let rotary =
        try rotaries[rotaryKey]
        ?? RotaryEmbedding(
          spec.rotary, divisors: spec.rotary.readsDivisors ? divisors : [],
          headLength: spec.headLength, positions: capacity.contextLength,
          processor: compute.processor)
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
      (rotaries[rotaryKey], attentions[attentionKey]) = (rotary, attention)
      return GroupedAttention.Parts(
        rotary: rotary, cache: cache, attention: attention, buffers: buffers, compute: compute)
    }
  }

  func build(store: EmbeddingStore?) throws -> TransformerDecoder {
    let embedding = try weights.matrix("token_embd.weight")
    return TransformerDecoder(
      embedding: TokenEmbedding(
        spec.embedding, table: embedding, store: store, hidden: buffers.hidden, compute: compute),
      layers: try spec.layers.indices.map(layer),
      head: try OutputHead(
        spec.head, weights: spec.head.isTied ? embedding : weights.matrix("output.weight"),
        norm: weights.vector("output_norm.weight"), buffers: buffers, compute: compute))
  }

  private func layer(_ index: Int) throws -> TransformerDecoder.Layer {
    let spec = spec.layers[index]
    func norm(_ name: String) throws -> Norm {
      Norm(
        spec.norm, weight: try weights.vector("blk.\(index).\(name).weight"), from: buffers.hidden,
        to: buffers.normed, compute: compute)
    }
    func residual(_ name: String) throws -> NormedResidual? {
      guard spec.placement.hasPostNorm else { return nil }
      return NormedResidual(
        spec.norm, weight: try weights.vector("blk.\(index).\(name).weight"), from: buffers.branch,
        to: buffers.hidden, compute: compute)
    }
    return TransformerDecoder.Layer(
      attentionNorm: try norm("attn_norm"),
      attention: try attention(spec, index),
      attentionResidual: try residual("post_attention_norm"),
      feedForwardNorm: try norm("ffn_norm"),
      feedForward: try GatedMLP(
        spec.feedForward,
        weights: GatedMLP.Weights(
          gate: linear("ffn_gate", index), up: linear("ffn_up", index),
          down: linear("ffn_down", index)),
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

  private func linear(_ name: String, _ layer: Int) throws -> Linear {
    Linear(
      weight: try weights.matrix("blk.\(layer).\(name).weight"),
      bias: weights.optionalVector("blk.\(layer).\(name).bias"))
  }

  /// A block's output is added to the residual stream at once, unless a norm comes between.
  private func destination(_ spec: LayerSpec) -> Destination {
    spec.placement.hasPostNorm
      ? Destination(matrix: buffers.branch, isResidual: false)
      : Destination(matrix: buffers.hidden, isResidual: true)
  }
}
