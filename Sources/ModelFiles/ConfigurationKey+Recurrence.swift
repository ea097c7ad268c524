/// What families whose layers have a state say of it.
extension ConfigurationKey {
  /// Positions that a convolution sees, K.
  package static let convolutionLength = ConfigurationKey(
    gguf: "ssm.conv_kernel",
    folder: ["conv_kernel", "mamba_d_conv", "linear_conv_kernel_dim", "d_conv"])
  /// The same of short convolutions.
  package static let shortConvolutionLength = ConfigurationKey(
    gguf: "shortconv.l_cache", folder: ["conv_L_cache"])
  /// Whether convolutions have biases.
  package static let convolutionBias = ConfigurationKey(
    gguf: nil, folder: ["use_conv_bias", "mamba_conv_bias", "conv_bias"],
    tensors: ["ssm_conv1d.bias", "shortconv.conv.bias"])
  /// Whether the projections of a state space have biases.
  package static let stateSpaceBias = ConfigurationKey(
    gguf: nil, folder: ["use_bias", "mamba_proj_bias"], tensors: ["ssm_in.bias"])
  /// Elements of all heads, or channels, of a state space.
  package static let stateSpaceInner = ConfigurationKey(
    gguf: "ssm.inner_size", folder: ["mamba_d_ssm", "d_inner"])
  /// The same by W.
  package static let stateSpaceExpansion = ConfigurationKey(
    gguf: nil, folder: ["expand", "mamba_expand"])
  /// Numbers of the state for each element.
  package static let stateSize = ConfigurationKey(
    gguf: "ssm.state_size", folder: ["state_size", "ssm_state_size", "mamba_d_state", "d_state"])
  /// Heads of a state space.
  package static let stateSpaceHeads = ConfigurationKey(
    gguf: "ssm.time_step_rank", folder: ["mamba_num_heads", "mamba_n_heads", "num_heads"])
  /// The length of such a head.
  package static let stateSpaceHeadLength = ConfigurationKey(
    gguf: nil, folder: ["mamba_head_dim", "mamba_d_head", "head_dim"])
  /// Groups of heads that share what goes into and out of the state.
  package static let stateSpaceGroups = ConfigurationKey(
    gguf: "ssm.group_count", folder: ["n_groups", "mamba_n_groups"])
  /// The length of what the step of each channel is projected from.
  package static let stepRank = ConfigurationKey(
    gguf: "ssm.time_step_rank", folder: ["time_step_rank", "dt_rank"])
  /// Whether what steps and states are made of is normalised.
  package static let normalizesSelection = ConfigurationKey(gguf: "ssm.dt_b_c_rms", folder: [])
  /// ε of those norms.
  package static let selectionEpsilon = ConfigurationKey(gguf: nil, folder: ["mixer_rms_eps"])
  /// What a step is at least, and at most.
  package static let leastStep = ConfigurationKey(gguf: nil, folder: ["time_step_limit/0"])
  /// See `leastStep`.
  package static let mostStep = ConfigurationKey(gguf: nil, folder: ["time_step_limit/1"])
  /// What a step is at least in Nemotron-H.
  package static let stepFloor = ConfigurationKey(gguf: nil, folder: ["time_step_min"])
  /// Heads of queries and keys of the delta rule.
  package static let deltaKeyHeads = ConfigurationKey(
    gguf: "ssm.group_count", folder: ["linear_num_key_heads"])
  /// Heads of values of the delta rule.
  package static let deltaValueHeads = ConfigurationKey(
    gguf: "ssm.time_step_rank", folder: ["linear_num_value_heads"])
  /// The length of a query and of a key of the delta rule.
  package static let deltaKeyLength = ConfigurationKey(
    gguf: "ssm.state_size", folder: ["linear_key_head_dim"])
  /// The length of a value of the delta rule.
  package static let deltaValueLength = ConfigurationKey(
    gguf: nil, folder: ["linear_value_head_dim"])
  /// The number of layers from one with full attention to the next.
  package static let attentionInterval = ConfigurationKey(
    gguf: "full_attention_interval", folder: ["full_attention_interval"])
  /// ε of root-mean-square norms that folders call that of layer norms.
  package static let rootEpsilon = ConfigurationKey(
    gguf: "attention.layer_norm_rms_epsilon",
    folder: ["norm_eps", "layer_norm_epsilon", "rms_norm_eps", "layer_norm_eps"])
  /// The function of what a state space reads, and of its gates.
  package static let stateSpaceActivation = ConfigurationKey(
    gguf: nil, folder: ["mamba_hidden_act", "hidden_act"])
  /// The feed-forward width of what all tokens share, which may be all there is.
  package static let sharedWidth = ConfigurationKey(
    gguf: "expert_shared_feed_forward_length", folder: ["shared_intermediate_size"])
  /// The kind of positions; `nope` for none.
  package static let positionKind = ConfigurationKey(gguf: nil, folder: ["position_embedding_type"])
  /// Whether the feed-forward width is to be adjusted.
  package static let adjustsFeedForward = ConfigurationKey(
    gguf: nil, folder: ["block_auto_adjust_ff_dim"])
  /// A factor on the adjusted width.
  package static let feedForwardFactor = ConfigurationKey(
    gguf: nil, folder: ["block_ffn_dim_multiplier"])
  /// What the adjusted width is a multiple of.
  package static let feedForwardMultiple = ConfigurationKey(
    gguf: nil, folder: ["block_multiple_of"])
}
