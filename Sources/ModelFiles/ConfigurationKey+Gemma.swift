/// What Gemma 3n and 4 state besides.
extension ConfigurationKey {
  /// Layers at the end that attend to keys and values of others.
  package static let sharedLayers = ConfigurationKey(
    gguf: "attention.shared_kv_layers", folder: ["num_kv_shared_layers"])
  /// The elements of a second embedding that each layer takes, P; 0 for none.
  package static let perLayerWidth = ConfigurationKey(
    gguf: "embedding_length_per_layer_input", folder: ["hidden_size_per_layer_input"])
  /// Rows of the second embedding.
  package static let perLayerVocabulary = ConfigurationKey(
    gguf: nil, folder: ["vocab_size_per_layer_input"])
  /// D in layers with a window, where GGUF files state it apart.
  package static let slidingHeadLength = ConfigurationKey(
    gguf: "attention.key_length_swa", folder: [])
  /// The length of a value in layers with a window.
  package static let slidingValueLength = ConfigurationKey(
    gguf: "attention.value_length_swa", folder: [])
  /// Elements that turn in layers with a window, all of a head.
  package static let slidingRotaryLength = ConfigurationKey(
    gguf: "rope.dimension_count_swa", folder: [])
  /// D in layers without a window, where folders state it apart.
  package static let globalHeadLength = ConfigurationKey(gguf: nil, folder: ["global_head_dim"])
  /// The same for key-value heads.
  package static let globalKeyValueHeads = ConfigurationKey(
    gguf: nil, folder: ["num_global_key_value_heads"])
  /// Whether keys are values in layers without a window.
  package static let keysAreValues = ConfigurationKey(gguf: nil, folder: ["attention_k_eq_v"])
  /// Whether feed-forward networks of layers that share keys and values are twice as wide.
  package static let doublesSharedWidth = ConfigurationKey(
    gguf: nil, folder: ["use_double_wide_mlp"])
  /// Whether layers have experts besides.
  package static let hasExperts = ConfigurationKey(gguf: nil, folder: ["enable_moe_block"])
  /// Which tokens see those after them.
  package static let bidirectionalAttention = ConfigurationKey(
    gguf: nil, folder: ["use_bidirectional_attention"])
  /// Residual streams.
  package static let streams = ConfigurationKey(
    gguf: "altup.num_inputs", folder: ["altup_num_inputs"])
  /// The stream that layers change.
  package static let activeStream = ConfigurationKey(
    gguf: "altup.active_idx", folder: ["altup_active_idx"])
  /// Whether the corrected stream has a factor for each element.
  package static let scalesStream = ConfigurationKey(gguf: nil, folder: ["altup_correct_scale"])
  /// The rank of the linear map beside attention.
  package static let laurelRank = ConfigurationKey(gguf: nil, folder: ["laurel_rank"])
  /// For each layer the share of gates that do not count.
  package static let gateSparsity = ConfigurationKey(
    gguf: nil, folder: ["activation_sparsity_pattern"])
  /// The same as how many standard deviations above the mean gates must lie, minus infinity for all.
  package static let gateThresholds = {
    var key = ConfigurationKey(gguf: "activation_sparsity_scale", folder: [])
    key.allowsNothing = true
    return key
  }()

  /// A size of one layer, where folders list what differs from the others by layer.
  package static func ofLayer(_ layer: Int, _ name: String) -> ConfigurationKey {
    ConfigurationKey(gguf: nil, folder: ["per_layer_config/\(layer)/\(name)"])
  }
}
