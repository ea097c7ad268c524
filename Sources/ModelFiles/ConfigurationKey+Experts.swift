/// What families with layers of experts state besides.
extension ConfigurationKey {
  /// Experts of a layer, E.
  package static let experts = ConfigurationKey(
    gguf: "expert_count",
    folder: ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"])
  /// Experts that a row takes, k.
  package static let expertsUsed = ConfigurationKey(
    gguf: "expert_used_count",
    folder: [
      "num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts",
    ])
  /// The feed-forward width of an expert, F.
  package static let expertWidth = ConfigurationKey(
    gguf: "expert_feed_forward_length", folder: ["moe_intermediate_size"])
  /// The same of the network that all rows go through.
  package static let sharedExpertWidth = ConfigurationKey(
    gguf: "expert_shared_feed_forward_length",
    folder: [
      "shared_expert_intermediate_size", "shared_intermediate_size",
      "moe_shared_expert_intermediate_size",
    ])
  /// The width of what experts read and give, where that is not W.
  package static let expertLatentWidth = ConfigurationKey(
    gguf: "moe_latent_size", folder: ["moe_latent_size"])
  /// How many experts that network stands for.
  package static let sharedExperts = ConfigurationKey(
    gguf: "expert_shared_count",
    folder: ["n_shared_experts", "moe_num_shared_experts", "num_shared_expert"])
  /// Whether weights are divided by their sum.
  package static let normalizesWeights = ConfigurationKey(
    gguf: "expert_weights_norm", folder: ["norm_topk_prob"])
  /// A factor on weights.
  package static let weightScale = ConfigurationKey(
    gguf: "expert_weights_scale", folder: ["routed_scaling_factor"])
  /// What a router's logit becomes, by number.
  package static let scoreFunction = ConfigurationKey(gguf: "expert_gating_func", folder: [])
  /// The same by name.
  package static let scoreName = ConfigurationKey(gguf: nil, folder: ["scoring_func"])
  /// Whether a bias takes part in the choice of experts.
  package static let selectionBias = ConfigurationKey(
    gguf: nil, folder: ["use_expert_bias"])
  /// Groups of experts.
  package static let expertGroups = ConfigurationKey(
    gguf: "expert_group_count", folder: ["n_group"])
  /// Groups that a row keeps.
  package static let expertGroupsUsed = ConfigurationKey(
    gguf: "expert_group_used_count", folder: ["topk_group"])
  /// Layers without experts in front.
  package static let denseLayers = ConfigurationKey(
    gguf: "leading_dense_block_count",
    folder: ["first_k_dense_replace", "num_dense_layers", "moe_layer_start_index"])
  /// Layers until one with experts.
  package static let expertInterval = ConfigurationKey(
    gguf: "interleave_moe_layer_step",
    folder: ["decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval"])
  /// The numbers of layers without experts.
  package static let denseLayerNumbers = ConfigurationKey(gguf: nil, folder: ["mlp_only_layers"])
  /// What the sum is at least by which weights are divided.
  package static let leastWeightSum = ConfigurationKey(gguf: nil, folder: ["moe_norm_min"])
  /// The number of the last layer with experts, or -1.
  package static let lastExpertLayer = ConfigurationKey(
    gguf: nil, folder: ["moe_layer_end_index"])
  /// Whether logits have a bias.
  package static let headBias = ConfigurationKey(gguf: nil, folder: ["lm_head_bias"])
  /// What gates are at most.
  package static let gateLimit = ConfigurationKey(gguf: nil, folder: ["swiglu_limit"])
  /// The factor on gates in the logistic function.
  package static let gateSlope = ConfigurationKey(gguf: nil, folder: ["swiglu_alpha"])
  /// The share of a score by which the router was jittered in training.
  package static let routerJitter = ConfigurationKey(gguf: nil, folder: ["router_jitter_noise"])
  /// F of layers without experts, where folders state it apart.
  package static let denseWidth = ConfigurationKey(gguf: nil, folder: ["intermediate_size_mlp"])
  /// The numbers of layers with experts.
  package static let expertLayerNumbers = ConfigurationKey(gguf: nil, folder: ["moe_layers"])
  /// The length of chunks of positions that see each other.
  package static let attentionChunk = ConfigurationKey(
    gguf: nil, folder: ["attention_chunk_size"])
  /// Whether heads are normalised once they are rotated, without weights.
  package static let normalizesRotatedHeads = ConfigurationKey(
    gguf: nil, folder: ["use_qk_norm"])
  /// Whether queries of layers that do not rotate grow with their position.
  package static let tunesTemperature = ConfigurationKey(
    gguf: nil, folder: ["attn_temperature_tuning"])
  /// How fast they grow with the logarithm of their position.
  package static let temperatureGrowth = ConfigurationKey(gguf: nil, folder: ["attn_scale"])
  /// Positions until they start to grow.
  package static let temperatureSteps = ConfigurationKey(gguf: nil, folder: ["floor_scale"])
}
