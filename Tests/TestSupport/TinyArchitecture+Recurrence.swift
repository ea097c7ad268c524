import GPTModel

extension TinyArchitecture {
  /// A state space of 8 heads of 16, whose pairs of heads share.
  static let mamba2: [(key: String, value: GGUFValue)] = [
    ("ssm.conv_kernel", .uint32(4)), ("ssm.inner_size", .uint32(128)),
    ("ssm.state_size", .uint32(16)), ("ssm.time_step_rank", .uint32(8)),
    ("ssm.group_count", .uint32(4)),
  ]

  /// Those whose layers have a state.
  package static let recurrent = [
    described("lfm2") {
      $0.namesInGGUF = ["output_norm": "token_embd_norm"]
      $0.entries = [
        ("attention.head_count_kv", .int32s([0, 2])), ("shortconv.l_cache", .uint32(3)),
      ]
      $0.members = [
        ("layer_types", ["conv", "full_attention"]), ("conv_L_cache", 3),
        ("block_auto_adjust_ff_dim", false),
      ]
    },
    described("mamba2") {
      $0.entries = mamba2
      $0.members = [
        ("num_heads", 8), ("state_size", 16), ("n_groups", 4), ("expand", 2), ("conv_kernel", 4),
      ]
    },
    described("mamba") {
      $0.entries = [
        ("ssm.conv_kernel", .uint32(4)), ("ssm.inner_size", .uint32(128)),
        ("ssm.state_size", .uint32(16)), ("ssm.time_step_rank", .uint32(32)),
      ]
      $0.members = [
        ("time_step_rank", 32), ("state_size", 16), ("expand", 2), ("conv_kernel", 4),
      ]
    },
    described("mamba", "falcon_mamba") {
      $0.folderName = "falcon_mamba"
      $0.isMeasured = true
      $0.entries = [
        ("ssm.conv_kernel", .uint32(3)), ("ssm.inner_size", .uint32(128)),
        ("ssm.state_size", .uint32(8)), ("ssm.time_step_rank", .uint32(32)),
        ("ssm.dt_b_c_rms", .bool(1)),
      ]
      $0.members = [
        ("time_step_rank", 32), ("state_size", 8), ("expand", 2), ("conv_kernel", 3),
      ]
    },
    described("granitehybrid") {
      $0.folderName = "granitemoehybrid"
      $0.fusedInFolders = ["ffn_gate_up": ["ffn_gate", "ffn_up"]]
      $0.entries =
        mamba2 + [
          ("attention.head_count_kv", .int32s([0, 2])), ("embedding_scale", .float32(12)),
          ("residual_scale", .float32(0.25)), ("attention.scale", .float32(0.125)),
          ("logit_scale", .float32(8)), ("rope.scaling.finetuned", .bool(0)),
        ]
      $0.members = [
        ("layer_types", ["mamba", "attention"]), ("mamba_n_heads", 8), ("mamba_d_state", 16),
        ("mamba_d_head", "auto"), ("mamba_n_groups", 4), ("mamba_d_conv", 4), ("mamba_expand", 2),
        ("embedding_multiplier", 12), ("residual_multiplier", 0.25),
        ("attention_multiplier", 0.125), ("logits_scaling", 8),
        ("shared_intermediate_size", 128), ("position_embedding_type", "nope"),
      ]
    },
    described("qwen35") {
      $0.folderName = "qwen3_5_text"
      $0.namesInGGUF = ["ffn_norm": "post_attention_norm"]
      $0.fusedInGGUF = ["attn_qkv": ["attn_q", "attn_k", "attn_v"]]
      $0.fusedInFolders = $0.fusedInGGUF
      $0.entries = [
        ("full_attention_interval", .uint32(2)), ("ssm.conv_kernel", .uint32(4)),
        ("ssm.state_size", .uint32(16)), ("ssm.group_count", .uint32(4)),
        ("ssm.time_step_rank", .uint32(4)), ("ssm.inner_size", .uint32(64)),
        ("rope.dimension_count", .uint32(4)),
      ]
      $0.members = [
        ("full_attention_interval", 2), ("linear_conv_kernel_dim", 4),
        ("linear_key_head_dim", 16), ("linear_value_head_dim", 16), ("linear_num_key_heads", 4),
        ("linear_num_value_heads", 4), ("partial_rotary_factor", 0.25),
      ]
    },
    described("falcon-h1") {
      $0.folderName = "falcon_h1"
      $0.entries = mamba2
      $0.members = [
        ("mamba_d_ssm", 128), ("mamba_n_heads", 8), ("mamba_d_state", 16), ("mamba_n_groups", 4),
        ("mamba_d_conv", 4), ("mamba_rms_norm", true), ("mamba_norm_before_gate", false),
      ]
    },
    described("falcon-h1", "falcon_h1 with factors") {
      $0.folderName = "falcon_h1"
      $0.isInFoldersOnly = true
      $0.members = [
        ("mamba_d_ssm", 128), ("mamba_n_heads", 8), ("mamba_d_state", 16), ("mamba_n_groups", 4),
        ("mamba_d_conv", 4), ("mamba_rms_norm", true), ("attention_in_multiplier", 1.25),
        ("attention_out_multiplier", 0.75), ("key_multiplier", 0.5), ("ssm_in_multiplier", 1.5),
        ("ssm_out_multiplier", 0.5), ("ssm_multipliers", [0.5, 1.25, 0.75, 1.5, 0.875]),
        ("mlp_multipliers", [0.75, 0.5]), ("embedding_multiplier", 2), ("lm_head_multiplier", 0.5),
      ]
    },
    described("nemotron_h") {
      $0.layers = 3
      $0.entries =
        mamba2 + [
          ("attention.head_count_kv", .int32s([0, 2, 0])), ("attention.key_length", .uint32(16)),
          ("feed_forward_length", .int32s([0, 0, 128])),
        ]
      $0.members = [
        ("hybrid_override_pattern", "M*-"), ("mamba_num_heads", 8), ("mamba_head_dim", 16),
        ("ssm_state_size", 16), ("n_groups", 4), ("conv_kernel", 4),
      ]
    },
  ]
}
