import GPTModel

extension TinyArchitecture {
  /// What both formats state of experts.
  private static let experts: [(key: String, value: GGUFValue)] = [
    ("expert_count", .uint32(8)), ("expert_used_count", .uint32(3)),
    ("expert_feed_forward_length", .uint32(32)),
    ("expert_shared_feed_forward_length", .uint32(64)),
  ]

  private static let expertMembers: [(name: String, value: JSONText)] = [
    ("num_experts", 8), ("num_experts_per_tok", 3), ("moe_intermediate_size", 32),
    ("shared_expert_intermediate_size", 64),
  ]

  /// The delta rule with four heads of values.
  private static func deltaEntries(keyHeads: UInt32) -> [(key: String, value: GGUFValue)] {
    [
      ("full_attention_interval", .uint32(2)), ("ssm.conv_kernel", .uint32(4)),
      ("ssm.state_size", .uint32(16)), ("ssm.group_count", .uint32(keyHeads)),
      ("ssm.time_step_rank", .uint32(4)), ("ssm.inner_size", .uint32(64)),
      ("rope.dimension_count", .uint32(4)),
    ]
  }

  private static func deltaMembers(keyHeads: Int) -> [(name: String, value: JSONText)] {
    [
      ("full_attention_interval", 2), ("linear_conv_kernel_dim", 4), ("linear_key_head_dim", 16),
      ("linear_value_head_dim", 16), ("linear_num_key_heads", .number(keyHeads)),
      ("linear_num_value_heads", 4), ("partial_rotary_factor", 0.25),
    ]
  }

  /// Those with experts behind layers that have a state.
  package static let recurrentMixtures = [
    described("granitehybrid", "granitehybrid with experts") {
      $0.folderName = "granitemoehybrid"
      $0.naming = GraniteHybridMoE.naming
      $0.stacksExpertsInFolders = true
      $0.fusedInFolders = [
        "ffn_gate_up_exps": ["ffn_gate_exps", "ffn_up_exps"],
        "ffn_gate_up_shexp": ["ffn_gate_shexp", "ffn_up_shexp"],
      ]
      $0.entries =
        mamba2 + [
          ("attention.head_count_kv", .int32s([0, 2])), ("embedding_scale", .float32(12)),
          ("residual_scale", .float32(0.25)), ("attention.scale", .float32(0.125)),
          ("logit_scale", .float32(8)), ("rope.scaling.finetuned", .bool(0)),
          ("feed_forward_length", .uint32(32)), ("expert_count", .uint32(8)),
          ("expert_used_count", .uint32(3)), ("expert_shared_feed_forward_length", .uint32(64)),
        ]
      $0.members = [
        ("layer_types", ["mamba", "attention"]), ("mamba_n_heads", 8), ("mamba_d_state", 16),
        ("mamba_n_groups", 4), ("mamba_d_conv", 4), ("mamba_expand", 2),
        ("embedding_multiplier", 12), ("residual_multiplier", 0.25),
        ("attention_multiplier", 0.125), ("logits_scaling", 8),
        ("position_embedding_type", "nope"), ("intermediate_size", 32),
        ("num_local_experts", 8), ("num_experts_per_tok", 3), ("shared_intermediate_size", 64),
      ]
    },
    described("qwen35moe") {
      $0.folderName = "qwen3_5_moe_text"
      $0.isMeasured = true
      $0.namesInGGUF = ["ffn_norm": "post_attention_norm"]
      $0.fusedInGGUF = ["attn_qkv": ["attn_q", "attn_k", "attn_v"]]
      $0.fusedInFolders = $0.fusedInGGUF
      $0.entries = deltaEntries(keyHeads: 4) + experts
      $0.members = deltaMembers(keyHeads: 4) + expertMembers
    },
    described("qwen3next") {
      $0.folderName = "qwen3_next"
      $0.isMeasured = true
      $0.namesInGGUF = ["ffn_norm": "post_attention_norm"]
      let rates = ["ssm_ba": ["ssm_beta", "ssm_alpha"]]
      $0.fusedInGGUF = rates.merging(["attn_qkv": ["attn_q", "attn_k", "attn_v"]]) { $1 }
      $0.fusedInFolders = rates.merging(
        ["attn_qkvz": ["attn_q", "attn_k", "attn_v", "attn_gate"]]
      ) { $1 }
      $0.entries = deltaEntries(keyHeads: 1) + experts
      $0.members = deltaMembers(keyHeads: 1) + expertMembers
    },
    described("nemotron_h_moe") {
      $0.folderName = "nemotron_h"
      $0.layers = 3
      $0.entries =
        mamba2 + experts + [
          ("attention.head_count_kv", .int32s([0, 2, 0])), ("attention.key_length", .uint32(16)),
          ("feed_forward_length", .int32s([0, 0, 32])), ("moe_latent_size", .uint32(32)),
          ("expert_weights_scale", .float32(2.5)), ("expert_weights_norm", .bool(1)),
        ]
      $0.members = [
        ("hybrid_override_pattern", "M*E"), ("mamba_num_heads", 8), ("mamba_head_dim", 16),
        ("ssm_state_size", 16), ("n_groups", 4), ("conv_kernel", 4), ("n_routed_experts", 8),
        ("num_experts_per_tok", 3), ("moe_intermediate_size", 32),
        ("moe_shared_expert_intermediate_size", 64), ("moe_latent_size", 32),
        ("routed_scaling_factor", 2.5),
      ]
    },
  ]
}
