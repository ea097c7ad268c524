import GPTModel

extension TinyArchitecture {
  /// Creates an architecture with experts, as many as tests can tell apart, and changes it.
  ///
  /// - Parameter sizes: What both formats state besides: the name in GGUF files, that in folders.
  private static func mixture(
    _ name: String, _ label: String? = nil, used: Int = 3,
    sizes: [(file: String, folder: String, value: Int)] = [],
    _ change: (inout TinyArchitecture) -> Void = { _ in }
  ) -> TinyArchitecture {
    var architecture = TinyArchitecture(name, label: label)
    architecture.isDescribed = true
    let all =
      [("expert_used_count", "num_experts_per_tok", used)]
      + sizes.map { ($0.file, $0.folder, $0.value) }
    architecture.entries = all.map { ($0.0, .uint32(UInt32($0.2))) }
    architecture.members = all.map { ($0.1, .number($0.2)) }
    change(&architecture)
    return architecture
  }

  /// Those with experts in the place of feed-forward networks.
  package static let mixtures = [
    mixture("llama", "mixtral", used: 2, sizes: [("expert_count", "num_local_experts", 6)]) {
      $0.folderName = "mixtral"
      $0.permutesRows = true
    },
    mixture(
      "qwen2moe",
      sizes: [
        ("expert_count", "num_experts", 8),
        (
          "expert_shared_feed_forward_length",
          "shared_expert_intermediate_size", 64
        ),
        ("expert_feed_forward_length", "moe_intermediate_size", 32),
      ]
    ) { $0.folderName = "qwen2_moe" },
    mixture(
      "qwen3moe",
      sizes: [
        ("expert_count", "num_experts", 8),
        ("expert_feed_forward_length", "moe_intermediate_size", 32),
      ]
    ) {
      $0.folderName = "qwen3_moe"
      $0.members.append(("norm_topk_prob", true))
    },
    mixture("gpt-oss", sizes: [("expert_count", "num_local_experts", 8)]) {
      $0.folderName = "gpt_oss"
      $0.namesInGGUF = ["ffn_norm": "post_attention_norm"]
      $0.fusedInFolders = ["ffn_gate_up_exps": ["ffn_gate_exps", "ffn_up_exps"]]
      $0.stacksExpertsInFolders = true
      $0.entries += [
        ("attention.sliding_window", .uint32(16)), ("rope.scaling.type", .text("yarn")),
        ("rope.scaling.factor", .float32(4)),
        ("rope.scaling.original_context_length", .uint32(32)),
      ]
      $0.members += [
        ("sliding_window", 16),
        (
          "rope_scaling",
          [
            "rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 32,
            "truncate": false,
          ]
        ),
      ]
    },
    mixture(
      "glm4moe",
      sizes: [
        ("expert_count", "n_routed_experts", 8), ("expert_group_count", "n_group", 4),
        ("expert_group_used_count", "topk_group", 2),
        ("expert_feed_forward_length", "moe_intermediate_size", 32),
        ("leading_dense_block_count", "first_k_dense_replace", 1),
      ]
    ) {
      $0.folderName = "glm4_moe"
      $0.namesInGGUF = ["ffn_norm": "post_attention_norm"]
      $0.entries += [
        ("rope.dimension_count", .uint32(8)), ("expert_weights_scale", .float32(2.5)),
        ("expert_weights_norm", .bool(1)),
      ]
      $0.members += [
        ("partial_rotary_factor", 0.5), ("routed_scaling_factor", 2.5), ("use_qk_norm", true),
        ("attention_bias", true),
      ]
    },
    mixture("olmoe", sizes: [("expert_count", "num_experts", 8)]) { $0.queryKeyNorm = .row },
    mixture("granitemoe", sizes: [("expert_count", "num_local_experts", 8)]) {
      $0.permutesRows = true
      $0.fusedInFolders = [
        "ffn_gate_up_exps": ["ffn_gate_exps", "ffn_up_exps"],
        "ffn_gate_up_shexp": ["ffn_gate_shexp", "ffn_up_shexp"],
      ]
      $0.stacksExpertsInFolders = true
      $0.entries += [
        ("embedding_scale", .float32(12)), ("residual_scale", .float32(0.25)),
        ("attention.scale", .float32(0.125)), ("logit_scale", .float32(8)),
        ("expert_shared_feed_forward_length", .uint32(64)),
      ]
      $0.members += [
        ("embedding_multiplier", 12), ("residual_multiplier", 0.25),
        ("attention_multiplier", 0.125), ("logits_scaling", 8),
        ("shared_intermediate_size", 64),
      ]
    },
    mixture(
      "ernie4_5-moe",
      sizes: [
        ("expert_count", "moe_num_experts", 8),
        ("expert_shared_count", "moe_num_shared_experts", 2),
        ("expert_feed_forward_length", "moe_intermediate_size", 32),
        ("leading_dense_block_count", "moe_layer_start_index", 1),
        ("interleave_moe_layer_step", "moe_layer_interval", 1),
      ]
    ) {
      $0.folderName = "ernie4_5_moe"
    },
    mixture(
      "hunyuan-moe",
      sizes: [
        ("expert_count", "num_experts", 8),
        ("expert_feed_forward_length", "moe_intermediate_size", 32),
        ("expert_shared_feed_forward_length", "shared_expert_intermediate_size", 128),
      ]
    ) {
      $0.folderName = "hunyuan_v1_moe"
      $0.members += [("moe_intermediate_size", [32, 32]), ("num_shared_expert", [1, 1])]
    },
    mixture("phimoe", used: 2, sizes: [("expert_count", "num_local_experts", 8)]) {
      $0.members += [
        ("attention_bias", true), ("lm_head_bias", true), ("router_jitter_noise", 0.01),
      ]
    },
    mixture(
      "llama4", used: 1,
      sizes: [
        ("expert_count", "num_local_experts", 4),
        ("interleave_moe_layer_step", "interleave_moe_layer_step", 2),
      ]
    ) {
      $0.folderName = "llama4_text"
      $0.layers = 4
      $0.isInFoldersOnly = true
      $0.fusedInFolders = ["ffn_gate_up_exps": ["ffn_gate_exps", "ffn_up_exps"]]
      $0.stacksExpertsInFolders = true
      $0.members += [
        ("attention_chunk_size", 32), ("attn_scale", 0.5), ("floor_scale", 5),
        ("intermediate_size", 64), ("intermediate_size_mlp", 128),
      ]
    },
    mixture(
      "llama4", "llama4 with chunks of 8192",
      used: 1,
      sizes: [
        ("expert_count", "num_local_experts", 4),
        ("interleave_moe_layer_step", "interleave_moe_layer_step", 1),
      ]
    ) {
      $0.folderName = "llama4_text"
      $0.fusedInFolders = ["ffn_gate_up_exps": ["ffn_gate_exps", "ffn_up_exps"]]
      $0.stacksExpertsInFolders = true
    },
    mixture(
      "lfm2moe",
      sizes: [
        ("expert_count", "num_experts", 8), ("leading_dense_block_count", "num_dense_layers", 1),
        ("expert_feed_forward_length", "moe_intermediate_size", 32),
      ]
    ) {
      $0.folderName = "lfm2_moe"
      $0.namesInGGUF = ["output_norm": "token_embd_norm"]
      $0.entries += [
        ("attention.head_count_kv", .int32s([0, 2])), ("shortconv.l_cache", .uint32(3)),
      ]
      $0.members += [("layer_types", ["conv", "full_attention"]), ("conv_L_cache", 3)]
    },
  ]
}
