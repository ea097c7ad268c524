import ModelFiles
import Tensor

/// Llama and the many models that share its shape: grouped attention with rotary positions, a gated
/// feed-forward part, root-mean-square norms before both, and an output head that may be tied.
///
/// Touvron et al., "LLaMA", 2023, and the GGUF conventions for `llama`.
struct Llama: Architecture {
  static let names = ["llama"]

  let shape: ModelShape
  private let epsilon: Float
  private let rotary: RotaryEmbedding.Parameters
  private let hasOwnHead: Bool

  init(_ header: GGUFHeader) throws(ModelError) {
    let metadata = header.metadata
    shape = try ModelShape(metadata, prefix: "llama")
    epsilon = Float(
      try metadata.float("llama.attention.layer_norm_rms_epsilon", in: 1e-30...1))
    rotary = try RotaryEmbedding.Parameters(
      metadata, prefix: "llama", headLength: shape.headLength, pairing: .interleaved)
    hasOwnHead = header.tensors.contains { $0.name == "output.weight" }
  }

  var tensors: [TensorRequirement] {
    let (width, wide) = (shape.width, shape.feedForwardWidth)
    let queryWidth = shape.queryHeads * shape.headLength
    let keyWidth = shape.keyValueHeads * shape.headLength
    var tensors = [
      TensorRequirement.matrix("token_embd", [width, shape.vocabularySize]),
      TensorRequirement.vector("output_norm", width),
      TensorRequirement(
        "output.weight", shape: [width, shape.vocabularySize], role: .matrix, presence: .optional),
      TensorRequirement(
        "rope_freqs.weight", shape: [rotary.dimensions / 2], role: .vector, presence: .optional),
    ]
    for layer in 0..<shape.layers {
      tensors += [
        .vector("blk.\(layer).attn_norm", width),
        .matrix("blk.\(layer).attn_q", [width, queryWidth]),
        .matrix("blk.\(layer).attn_k", [width, keyWidth]),
        .matrix("blk.\(layer).attn_v", [width, keyWidth]),
        .matrix("blk.\(layer).attn_output", [queryWidth, width]),
        .vector("blk.\(layer).ffn_norm", width),
        .matrix("blk.\(layer).ffn_gate", [width, wide]),
        .matrix("blk.\(layer).ffn_up", [width, wide]),
        .matrix("blk.\(layer).ffn_down", [wide, width]),
      ]
    }
    return tensors
  }

  func makeDecoder(weights: ModelWeights, capacity: DecoderCapacity, compute: Compute) throws
    -> any Decoder
  {
    var rotary = rotary
    rotary.divisors = weights.optionalVector("rope_freqs.weight")?.array ?? []
    let buffers = try DecoderBuffers(shape: shape, capacity: capacity)
    let parts = GroupedAttention.Parts(
      shape: shape, epsilon: epsilon,
      rotary: try RotaryEmbedding(
        rotary, headLength: shape.headLength, positions: capacity.contextLength,
        processor: compute.processor),
      cache: try KVCache(capacity: capacity, processor: compute.processor),
      attention: try BatchAttention(
        BatchAttention.Shape(
          queryHeads: shape.queryHeads, layout: capacity.cacheLayout,
          rowsPerBlock: Batch.rowsPerBlock, contextLength: capacity.contextLength),
        queries: buffers.queries, out: buffers.attended, threads: compute.pool.threads),
      buffers: buffers, compute: compute)
    let embedding = try weights.matrix("token_embd.weight")
    return TransformerDecoder(
      embedding: TokenEmbedding(table: embedding, buffers: buffers, compute: compute),
      layers: try (0..<shape.layers).map { try layer($0, weights: weights, parts: parts) },
      head: try OutputHead(
        weights: hasOwnHead ? weights.matrix("output.weight") : embedding,
        norm: weights.vector("output_norm.weight"), epsilon: epsilon, buffers: buffers,
        compute: compute))
  }

  private func layer(_ layer: Int, weights: ModelWeights, parts: GroupedAttention.Parts) throws
    -> TransformerDecoder.Layer
  {
    let name = "blk.\(layer)."
    let attention = GroupedAttention.Weights(
      norm: try weights.vector(name + "attn_norm.weight"),
      query: try weights.matrix(name + "attn_q.weight"),
      key: try weights.matrix(name + "attn_k.weight"),
      value: try weights.matrix(name + "attn_v.weight"),
      output: try weights.matrix(name + "attn_output.weight"))
    let mlp = GatedMLP.Weights(
      norm: try weights.vector(name + "ffn_norm.weight"),
      gate: try weights.matrix(name + "ffn_gate.weight"),
      up: try weights.matrix(name + "ffn_up.weight"),
      down: try weights.matrix(name + "ffn_down.weight"))
    return TransformerDecoder.Layer(
      attention: try GroupedAttention(attention, layer: layer, parts: parts),
      mlp: try GatedMLP(mlp, epsilon: epsilon, buffers: parts.buffers, compute: parts.compute))
  }
}
