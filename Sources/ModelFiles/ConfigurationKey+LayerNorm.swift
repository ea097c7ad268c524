/// What families with layer norms state besides.
extension ConfigurationKey {
  /// The elements of each head that turn, R.
  package static let rotaryLength = ConfigurationKey(
    gguf: "rope.dimension_count", folder: ["rotary_dim"])
  /// Whether attention and the feed-forward network read the same stream.
  package static let parallelResidual = ConfigurationKey(
    gguf: "use_parallel_residual", folder: ["use_parallel_residual"])
  /// Whether a norm stands before the feed-forward network, which folders do not say.
  package static let feedForwardNorm = ConfigurationKey(
    gguf: nil, folder: [], tensors: ["ffn_norm.weight"])
  /// Whether attention and the feed-forward network of Falcon have norms of their own.
  package static let secondNorm = ConfigurationKey(
    gguf: nil, folder: [], tensors: ["attn_norm_2.weight"])
  /// The same as Falcon says it.
  package static let parallelAttention = ConfigurationKey(gguf: nil, folder: ["parallel_attn"])
  /// Norms before parallel blocks: one, or one for each.
  package static let parallelNorms = ConfigurationKey(
    gguf: nil, folder: ["num_ln_in_parallel_attn"])
  /// Whether Falcon's layers are those of its 40B and 11B models.
  package static let newDecoder = ConfigurationKey(gguf: nil, folder: ["new_decoder_architecture"])
  /// Whether all query heads share one key-value head.
  package static let multiQuery = ConfigurationKey(gguf: nil, folder: ["multi_query"])
  /// Key-value heads where they count, as Falcon names them.
  package static let sharedHeads = ConfigurationKey(
    gguf: "attention.head_count_kv", folder: ["num_kv_heads", "n_head_kv"])
  /// Whether scores fall with distance.
  package static let alibi = ConfigurationKey(gguf: nil, folder: ["alibi", "attn_config/alibi"])
  /// The power of two by which the steepest slope is divided at the last head.
  package static let alibiMaximum = ConfigurationKey(
    gguf: "attention.max_alibi_bias", folder: ["attn_config/alibi_bias_max"])
  /// Whether queries, keys and values have biases, where that is said apart.
  package static let inputBias = ConfigurationKey(
    gguf: nil, folder: ["use_qkv_bias", "add_qkv_bias", "qkv_bias"],
    tensors: ["attn_q.bias", "attn_qkv.bias"])
  /// Whether the projections of OPT have biases.
  package static let enablesBias = ConfigurationKey(gguf: nil, folder: ["enable_bias"])
  /// Whether heads of queries and keys have norms.
  package static let queryKeyNorm = ConfigurationKey(
    gguf: nil, folder: ["use_qk_norm", "qk_layernorm"], tensors: ["attn_q_norm.weight"])
  /// Whether all heads of a row are normalised together.
  package static let rowNorm = ConfigurationKey(gguf: nil, folder: ["attn_config/qk_ln"])
  /// Whether a prompt's tokens see those after them.
  package static let prefixAttention = ConfigurationKey(
    gguf: nil, folder: ["attn_config/prefix_lm"])
  /// Whether MPT rotates queries and keys.
  package static let rotatesAttention = ConfigurationKey(
    gguf: nil, folder: ["attn_config/rope"])
  /// What the base of the angles is multiplied by.
  package static let rotaryRatio = ConfigurationKey(gguf: nil, folder: ["rope_ratio"])
  /// The factor on scores, where it is not that of the head length.
  package static let softmaxScale = ConfigurationKey(
    gguf: nil, folder: ["attn_config/softmax_scale"])
  /// F by W.
  package static let expansionRatio = ConfigurationKey(gguf: nil, folder: ["expansion_ratio"])
  /// Whether scores are divided by the root of the head length.
  package static let scalesScores = ConfigurationKey(gguf: nil, folder: ["scale_attn_weights"])
  /// Whether scores are divided by the number of the layer, counted from 1.
  package static let scalesScoresByLayer = ConfigurationKey(
    gguf: nil, folder: ["scale_attn_by_inverse_layer_idx"])
  /// Whether layers attend to another network.
  package static let crossAttention = ConfigurationKey(gguf: nil, folder: ["add_cross_attention"])
  /// Whether a norm's output takes the place of the residual stream.
  package static let residualFromNorm = ConfigurationKey(
    gguf: nil, folder: ["apply_residual_connection_post_layernorm"])
  /// Whether norms stand before blocks.
  package static let normsFirst = ConfigurationKey(gguf: nil, folder: ["do_layer_norm_before"])
  /// Whether the last norm is left out.
  package static let omitsLastNorm = ConfigurationKey(
    gguf: nil, folder: ["_remove_final_layer_norm"])
  /// Whether norms have weights.
  package static let normWeights = ConfigurationKey(
    gguf: nil, folder: ["layer_norm_elementwise_affine"])
  /// The width of the embedding, where that is not W.
  package static let embeddingWidth = ConfigurationKey(
    gguf: nil, folder: ["word_embed_proj_dim"])
}
