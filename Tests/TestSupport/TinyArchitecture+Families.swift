import GPTModel

extension TinyArchitecture {
  /// Creates an architecture and changes it.
  private static func made(
    _ name: String, _ label: String? = nil, _ change: (inout TinyArchitecture) -> Void
  ) -> TinyArchitecture {
    var architecture = TinyArchitecture(name, label: label)
    change(&architecture)
    return architecture
  }

  /// Those whose norms stand after blocks.
  package static let normedAfter = [
    made("olmo2") {
      $0.placement = .post
      $0.queryKeyNorm = .row
    },
    made("olmo2", "olmo3") {
      $0.folderName = "olmo3"
      $0.placement = .post
      $0.queryKeyNorm = .row
      $0.layers = 3
      $0.entries = [
        ("attention.sliding_window", .uint32(16)),
        ("attention.sliding_window_pattern", .bools([true, false, true])),
        ("rope.freq_base_swa", .float32(10_000)), ("rope.scaling.type", .text("yarn")),
        ("rope.scaling.factor", .float32(4)),
        ("rope.scaling.original_context_length", .uint32(32)),
        ("rope.scaling.yarn_beta_fast", .float32(16)),
        ("rope.scaling.yarn_beta_slow", .float32(2)),
      ]
      $0.members = [
        ("sliding_window", 16),
        ("layer_types", ["sliding_attention", "full_attention", "sliding_attention"]),
        (
          "rope_scaling",
          [
            "rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 32,
            "beta_fast": 16, "beta_slow": 2,
          ]
        ),
      ]
    },
    made("exaone4") {
      $0.placement = .post
      $0.queryKeyNorm = .head
    },
    made("exaone4", "exaone4 with windows") {
      $0.placement = .post
      $0.queryKeyNorm = .head
      $0.layers = 3
      $0.entries = [
        ("attention.sliding_window", .uint32(16)),
        ("attention.sliding_window_pattern", .bools([true, false, false])),
      ]
      $0.members = [("sliding_window", 16), ("sliding_window_pattern", "LG")]
    },
    made("glm4") {
      $0.placement = .sandwich
      $0.hasInputBias = true
      $0.fusedInGGUF = ["ffn_up": ["ffn_gate", "ffn_up"]]
      $0.fusedInFolders = ["ffn_gate_up": ["ffn_gate", "ffn_up"]]
      $0.entries = [("rope.dimension_count", .uint32(8))]
      $0.members = [("attention_bias", true)]
    },
  ]

  /// Those with factors on what others leave as it is.
  package static let scaled = [
    made("granite") {
      $0.permutesRows = true
      $0.entries = [
        ("embedding_scale", .float32(12)), ("residual_scale", .float32(0.25)),
        ("attention.scale", .float32(0.125)), ("logit_scale", .float32(8)),
      ]
      $0.members = [
        ("embedding_multiplier", 12), ("residual_multiplier", 0.25),
        ("attention_multiplier", 0.125), ("logits_scaling", 8),
      ]
    },
    made("minicpm") {
      $0.permutesRows = true
      $0.entries = [("logit_scale", .float32(2))]
      $0.members = [("scale_emb", 12), ("scale_depth", 1.4), ("dim_model_base", 32)]
    },
  ]

  /// Those that rotate otherwise than Llama does, or not at all.
  package static let rotatedOtherwise = [
    made("smollm3") {
      $0.permutesRows = true
      $0.layers = 4
    },
    made("phi3") {
      $0.fusedInGGUF = [
        "attn_qkv": ["attn_q", "attn_k", "attn_v"], "ffn_up": ["ffn_gate", "ffn_up"],
      ]
      $0.fusedInFolders = [
        "attn_qkv": ["attn_q", "attn_k", "attn_v"], "ffn_gate_up": ["ffn_gate", "ffn_up"],
      ]
      $0.divisors = ["rope_factors_long": [1, 1.5, 2], "rope_factors_short": [1, 1.25, 1.5]]
      $0.entries = [
        ("rope.dimension_count", .uint32(6)),
        ("rope.scaling.original_context_length", .uint32(32)),
        ("attention.sliding_window", .uint32(24)),
      ]
      $0.members = [
        ("partial_rotary_factor", 0.4), ("original_max_position_embeddings", 32),
        ("sliding_window", 24),
        (
          "rope_scaling",
          [
            "type": "longrope", "long_factor": [1, 1.5, 2], "short_factor": [1, 1.25, 1.5],
          ]
        ),
      ]
    },
    made("chatglm") {
      $0.folderName = "glm"
      $0.hasInputBias = true
      $0.fusedInGGUF = [
        "attn_qkv": ["attn_q", "attn_k", "attn_v"], "ffn_up": ["ffn_gate", "ffn_up"],
      ]
      $0.fusedInFolders = ["ffn_gate_up": ["ffn_gate", "ffn_up"]]
      $0.entries = [("rope.dimension_count", .uint32(8))]
      $0.members = [("attention_bias", true)]
    },
    made("hunyuan-dense") {
      $0.folderName = "hunyuan_v1_dense"
      $0.queryKeyNorm = .head
    },
    TinyArchitecture("ernie4_5"),
    made("mistral3") {
      $0.folderName = "ministral3"
      $0.permutesRows = true
      $0.entries = [
        ("attention.temperature_scale", .float32(0.5)), ("rope.scaling.type", .text("yarn")),
        ("rope.scaling.factor", .float32(16)),
        ("rope.scaling.original_context_length", .uint32(16)),
        ("rope.scaling.yarn_log_multiplier", .float32(1)),
      ]
      $0.members = [
        ("rope_theta", nil),
        (
          "rope_parameters",
          [
            "rope_type": "yarn", "rope_theta": 10_000, "factor": 16, "mscale": 1,
            "mscale_all_dim": 1, "original_max_position_embeddings": 16,
            "llama_4_scaling_beta": 0.5,
          ]
        ),
      ]
    },
  ]

  /// Those with biases, or without a gate.
  package static let biased = [
    made("llama", "llama with biases") {
      $0.permutesRows = true
      ($0.hasInputBias, $0.hasOutputBias, $0.hasFeedForwardBias) = (true, true, true)
      $0.members = [("attention_bias", true), ("mlp_bias", true)]
    },
    made("seed_oss") {
      $0.hasInputBias = true
      $0.namesInGGUF = ["ffn_norm": "post_attention_norm"]
    },
    made("apertus") {
      $0.queryKeyNorm = .head
      $0.isGated = false
      $0.globals = [
        ("xielu.alpha_p", .floats([0.25, 0.25])), ("xielu.alpha_n", .floats([-0.5, -0.5])),
        ("xielu.beta", .floats([0.75, 0.75])), ("xielu.eps", .floats([-1e-6, -1e-6])),
      ]
      $0.numbersInFolders = [
        "mlp.act_fn.alpha_p": 0.25, "mlp.act_fn.alpha_n": -0.5, "mlp.act_fn.beta": 0.75,
        "mlp.act_fn.eps": -1e-6,
      ]
    },
    made("arcee") {
      $0.permutesRows = true
      $0.isGated = false
    },
  ]
}
