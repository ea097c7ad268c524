/// A hyper-parameter by its role, with the names that files give it.
package struct ConfigurationKey: Sendable, Hashable {
  /// The key in a GGUF file, without the architecture's prefix; nil where GGUF has none.
  package let gguf: String?
  /// The keys in a `config.json`; the first that is there counts.
  package let folder: [String]
  /// The tensors of layers of which GGUF files have one where the key would be true.
  package let tensors: [String]
  /// Whether the architecture's name stands before the key in GGUF files.
  package let isPrefixed: Bool
  /// Whether numbers may be minus infinity in GGUF files.
  package var allowsNothing = false

  /// Creates a key.
  package init(
    gguf: String?, folder: [String], tensors: [String] = [], isPrefixed: Bool = true
  ) {
    self.gguf = gguf
    self.folder = folder
    self.tensors = tensors
    self.isPrefixed = isPrefixed
  }
}

extension ConfigurationKey {
  /// Layers, L.
  package static let layers = ConfigurationKey(
    gguf: "block_count", folder: ["num_hidden_layers", "n_layer", "n_layers", "num_layers"])
  /// Model width, W.
  package static let width = ConfigurationKey(
    gguf: "embedding_length", folder: ["hidden_size", "n_embd", "n_embed", "d_model", "dim"])
  /// Feed-forward width, F.
  package static let feedForwardWidth = ConfigurationKey(
    gguf: "feed_forward_length",
    folder: [
      "intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "block_ff_dim", "hidden_dim",
    ])
  /// Positions the model was made for, C.
  package static let contextLength = ConfigurationKey(
    gguf: "context_length",
    folder: ["max_position_embeddings", "n_positions", "max_seq_len", "seq_length"])
  /// Vocabulary, V.
  package static let vocabularySize = ConfigurationKey(
    gguf: "vocab_size", folder: ["vocab_size", "padded_vocab_size"])
  /// Query heads, Q.
  package static let queryHeads = ConfigurationKey(
    gguf: "attention.head_count", folder: ["num_attention_heads", "n_head", "n_heads", "num_heads"])
  /// Key-value heads, G.
  package static let keyValueHeads = ConfigurationKey(
    gguf: "attention.head_count_kv",
    folder: [
      "num_key_value_heads", "num_query_groups", "multi_query_group_num", "attn_config/kv_n_heads",
    ])
  /// Head length, D.
  package static let headLength = ConfigurationKey(
    gguf: "attention.key_length", folder: ["head_dim", "kv_channels"])
  /// The length of a value, which must be D.
  package static let valueLength = ConfigurationKey(gguf: "attention.value_length", folder: [])
  /// ε of root-mean-square norms.
  package static let epsilon = ConfigurationKey(
    gguf: "attention.layer_norm_rms_epsilon",
    folder: ["rms_norm_eps", "layernorm_epsilon", "layer_norm_epsilon"])
  /// ε of layer norms.
  package static let layerNormEpsilon = ConfigurationKey(
    gguf: "attention.layer_norm_epsilon",
    folder: ["layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps"])
  /// Positions that a query sees in layers with a window.
  package static let slidingWindow = ConfigurationKey(
    gguf: "attention.sliding_window", folder: ["sliding_window", "window_size"])
  /// Layers until the pattern of layers with and without a window repeats.
  package static let slidingWindowPattern = ConfigurationKey(
    gguf: "attention.sliding_window_pattern",
    folder: ["sliding_window_pattern", "_sliding_window_pattern"])
  /// Whether layers have a window although one is stated.
  package static let usesSlidingWindow = ConfigurationKey(
    gguf: nil, folder: ["use_sliding_window"])
  /// The first layer with a window, where not all have one.
  package static let firstSlidingLayer = ConfigurationKey(
    gguf: nil, folder: ["max_window_layers"])
  /// The bound of attention's scores.
  package static let scoreSoftCap = ConfigurationKey(
    gguf: "attn_logit_softcapping", folder: ["attn_logit_softcapping"])
  /// The bound of logits.
  package static let logitSoftCap = ConfigurationKey(
    gguf: "final_logit_softcapping", folder: ["final_logit_softcapping"])
  /// The length whose root divides attention's scores, where that is not D.
  package static let scoreLength = ConfigurationKey(gguf: nil, folder: ["query_pre_attn_scalar"])
  /// The function applied to gates.
  package static let activation = ConfigurationKey(
    gguf: nil,
    folder: [
      "hidden_activation", "hidden_act", "activation_function", "activation", "mlp_hidden_act",
    ])
  /// Whether the projections of attention have biases.
  package static let attentionBias = ConfigurationKey(
    gguf: nil, folder: ["attention_bias"],
    tensors: ["attn_q.bias", "attn_qkv.bias", "attn_kv_a_mqa.bias"])
  /// Whether the feed-forward network has biases.
  package static let feedForwardBias = ConfigurationKey(
    gguf: nil, folder: ["mlp_bias"], tensors: ["ffn_up.bias"])
  /// Whether attention's output has a bias, where that is said apart.
  package static let attentionOutputBias = ConfigurationKey(
    gguf: nil, folder: ["attention_out_bias"], tensors: ["attn_output.bias"])
  /// Whether all projections have biases.
  package static let bias = ConfigurationKey(
    gguf: nil, folder: ["use_bias", "bias"], tensors: ["attn_q.bias", "attn_qkv.bias"])
  /// Whether queries and keys are rotated at all.
  package static let rotates = ConfigurationKey(gguf: "rope.scaling.finetuned", folder: [])
  /// The share of a head that is rotated.
  package static let rotaryShare = ConfigurationKey(
    gguf: nil,
    folder: ["partial_rotary_factor", "rope_parameters/partial_rotary_factor", "rotary_pct"])
  /// A factor on the embedding.
  package static let embeddingScale = ConfigurationKey(
    gguf: "embedding_scale", folder: ["embedding_multiplier", "scale_emb"])
  /// A factor on what each block adds.
  package static let residualScale = ConfigurationKey(
    gguf: "residual_scale", folder: ["residual_multiplier"])
  /// The factor on what each block adds, times the root of the number of layers.
  package static let depthScale = ConfigurationKey(gguf: nil, folder: ["scale_depth"])
  /// The factor on scores.
  package static let scoreScale = ConfigurationKey(
    gguf: "attention.scale", folder: ["attention_multiplier"])
  /// What logits are multiplied by.
  package static let logitScale = ConfigurationKey(gguf: "logit_scale", folder: ["logit_scale"])
  /// What logits are divided by.
  package static let logitDivisor = ConfigurationKey(
    gguf: "logit_scale", folder: ["logits_scaling"])
  /// The width by which W is divided for what logits are divided by.
  package static let baseWidth = ConfigurationKey(gguf: nil, folder: ["dim_model_base"])
  /// For each layer 1 where it rotates, 0 where it does not.
  package static let rotaryLayers = ConfigurationKey(gguf: nil, folder: ["no_rope_layers"])
  /// Layers until one that does not rotate.
  package static let rotaryInterval = ConfigurationKey(
    gguf: nil, folder: ["no_rope_layer_interval"])
  /// How fast queries grow with the logarithm of their position.
  package static let temperatureScale = ConfigurationKey(
    gguf: "attention.temperature_scale",
    folder: ["rope_parameters/llama_4_scaling_beta", "rope_scaling/llama_4_scaling_beta"])
  /// Positions until queries start to grow.
  package static let temperatureLength = ConfigurationKey(
    gguf: "rope.scaling.original_context_length",
    folder: [
      "rope_parameters/original_max_position_embeddings",
      "rope_scaling/original_max_position_embeddings",
    ])
  /// What the factor on squares in xIELU is made of, for each layer.
  package static let xieluSquare = ConfigurationKey(
    gguf: "xielu.alpha_p", folder: [], isPrefixed: false)
  /// What the factor on exponentials in xIELU is made of, for each layer.
  package static let xieluExponential = ConfigurationKey(
    gguf: "xielu.alpha_n", folder: [], isPrefixed: false)
  /// The factor on x in xIELU, for each layer.
  package static let xieluSlope = ConfigurationKey(
    gguf: "xielu.beta", folder: [], isPrefixed: false)
  /// What the exponential's argument is at most in xIELU, for each layer.
  package static let xieluCeiling = ConfigurationKey(
    gguf: "xielu.eps", folder: [], isPrefixed: false)
  /// A bound on queries, keys and values.
  package static let projectionClamp = ConfigurationKey(
    gguf: "attention.clamp_kqv", folder: ["clip_qkv", "attn_config/clip_qkv"])
}
