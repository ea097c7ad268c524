import GPTModel

extension TinyArchitecture {
  private static let kinds: JSONText = [
    "sliding_attention", "full_attention", "sliding_attention", "full_attention",
  ]
  private static let pattern = GGUFValue.bools([true, false, true, false])

  /// Those whose last layers attend to keys and values of others.
  package static let shared = [
    described("gemma4") {
      $0.isMeasured = true
      $0.layers = 4
      $0.divisors = ["rope_freqs": [1, 1, 1, 1] + Array(repeating: 1e30, count: 12)]
      $0.entries = [
        ("attention.sliding_window", .uint32(16)), ("attention.sliding_window_pattern", pattern),
        ("attention.key_length", .uint32(32)), ("attention.value_length", .uint32(32)),
        ("attention.key_length_swa", .uint32(16)), ("attention.value_length_swa", .uint32(16)),
        ("attention.shared_kv_layers", .uint32(2)), ("rope.dimension_count", .uint32(32)),
        ("embedding_length_per_layer_input", .uint32(32)),
        ("final_logit_softcapping", .float32(30)),
      ]
      $0.members = [
        ("sliding_window", 16), ("layer_types", kinds), ("global_head_dim", 32),
        ("num_kv_shared_layers", 2), ("hidden_size_per_layer_input", 32),
        ("final_logit_softcapping", 30),
      ]
    },
    described("gemma3n") {
      $0.isMeasured = true
      $0.layers = 4
      $0.entries = [
        ("attention.sliding_window", .uint32(16)), ("attention.sliding_window_pattern", pattern),
        ("attention.shared_kv_layers", .uint32(2)), ("altup.num_inputs", .uint32(3)),
        ("altup.active_idx", .uint32(1)), ("embedding_length_per_layer_input", .uint32(32)),
        (
          "activation_sparsity_scale",
          .floats([1.644853626951, -.infinity, -.infinity, -.infinity])
        ),
        ("final_logit_softcapping", .float32(30)),
      ]
      $0.members = [
        ("sliding_window", 16), ("layer_types", kinds), ("num_kv_shared_layers", 2),
        ("altup_num_inputs", 3), ("altup_active_idx", 1), ("hidden_size_per_layer_input", 32),
        ("activation_sparsity_pattern", [0.95, 0, 0, 0]), ("laurel_rank", 32),
        ("final_logit_softcapping", 30),
      ]
    },
  ]

  private static let lengths: [(key: String, value: GGUFValue)] = [
    ("attention.q_lora_rank", .uint32(32)), ("attention.kv_lora_rank", .uint32(32)),
    ("rope.dimension_count", .uint32(16)), ("attention.head_count_kv", .uint32(1)),
    ("attention.key_length", .uint32(48)), ("attention.value_length", .uint32(32)),
    ("attention.key_length_mla", .uint32(48)), ("attention.value_length_mla", .uint32(16)),
  ]
  private static let lengthMembers: [(name: String, value: JSONText)] = [
    ("q_lora_rank", 32), ("kv_lora_rank", 32), ("qk_rope_head_dim", 16), ("qk_nope_head_dim", 32),
    ("v_head_dim", 16),
  ]
  private static let experts: [(key: String, value: GGUFValue)] = [
    ("expert_count", .uint32(8)), ("expert_used_count", .uint32(3)),
    ("expert_feed_forward_length", .uint32(32)), ("expert_shared_count", .uint32(1)),
    ("expert_weights_norm", .bool(1)),
  ]
  private static let expertMembers: [(name: String, value: JSONText)] = [
    ("n_routed_experts", 8), ("num_experts_per_tok", 3), ("moe_intermediate_size", 32),
    ("n_shared_experts", 1), ("norm_topk_prob", true),
  ]

  /// Those whose keys and values are made of latents.
  package static let latents = [
    described("minicpm3") {
      $0.layers = 4
      $0.entries = [
        ("attention.q_lora_rank", .uint32(32)), ("attention.kv_lora_rank", .uint32(32)),
        ("rope.dimension_count", .uint32(16)), ("attention.key_length", .uint32(48)),
        ("logit_scale", .float32(2)),
      ]
      $0.members =
        lengthMembers + [("scale_emb", 12), ("scale_depth", 1.4), ("dim_model_base", 32)]
    },
    described("deepseek2") {
      $0.isMeasured = true
      $0.folderName = "deepseek_v3"
      $0.layers = 4
      $0.entries =
        lengths + experts + [
          ("leading_dense_block_count", .uint32(1)), ("expert_group_count", .uint32(4)),
          ("expert_group_used_count", .uint32(2)), ("expert_gating_func", .uint32(2)),
          ("expert_weights_scale", .float32(2.5)), ("rope.scaling.type", .text("yarn")),
          ("rope.scaling.factor", .float32(4)),
          ("rope.scaling.original_context_length", .uint32(32)),
          ("rope.scaling.yarn_log_multiplier", .float32(0.1)),
        ]
      $0.members =
        lengthMembers + expertMembers + [
          ("first_k_dense_replace", 1), ("n_group", 4), ("topk_group", 2),
          ("routed_scaling_factor", 2.5),
          (
            "rope_scaling",
            [
              "rope_type": "yarn", "factor": 4, "mscale": 1, "mscale_all_dim": 1,
              "original_max_position_embeddings": 32,
            ]
          ),
        ]
    },
    described("deepseek2", "deepseek_v2 lite") {
      $0.folderName = "deepseek_v2"
      $0.layers = 4
      $0.entries =
        lengths.filter { $0.key != "attention.q_lora_rank" } + experts.dropLast() + [
          ("leading_dense_block_count", .uint32(1))
        ]
      $0.members =
        lengthMembers.filter { $0.name != "q_lora_rank" } + expertMembers.dropLast() + [
          ("first_k_dense_replace", 1), ("topk_method", "greedy"),
        ]
    },
    described("mistral4") {
      $0.layers = 4
      $0.entries =
        lengths + experts + [
          ("attention.temperature_scale", .float32(0.125)), ("rope.scaling.type", .text("yarn")),
          ("rope.scaling.factor", .float32(4)),
          ("rope.scaling.original_context_length", .uint32(16)),
          ("rope.scaling.yarn_log_multiplier", .float32(0.1)),
        ]
      $0.members =
        lengthMembers + expertMembers + [
          ("rope_theta", nil),
          (
            "rope_parameters",
            [
              "rope_type": "yarn", "rope_theta": 10_000, "factor": 4, "mscale": 1,
              "mscale_all_dim": 1, "original_max_position_embeddings": 16,
              "llama_4_scaling_beta": 0.125,
            ]
          ),
        ]
    },
  ]
}
