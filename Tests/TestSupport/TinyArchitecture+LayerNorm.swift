import GPTModel

extension TinyArchitecture {
  /// The same of one that is published in folders only.
  private static func published(
    _ name: String, _ label: String? = nil, _ change: (inout TinyArchitecture) -> Void
  ) -> TinyArchitecture {
    var architecture = described(name, label, change)
    architecture.isInFoldersOnly = true
    return architecture
  }

  private static let fused = ["attn_qkv": ["attn_q", "attn_k", "attn_v"]]

  /// Those whose layer norms stand before or after blocks.
  package static let layerNormed = [
    described("gpt2") {
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
    },
    published("gpt2", "gpt2 with other scales") {
      $0.fusedInFolders = fused
      $0.members = [("scale_attn_weights", false), ("scale_attn_by_inverse_layer_idx", true)]
    },
    described("starcoder") {
      $0.folderName = "gpt_bigcode"
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
    },
    described("starcoder2") {
      $0.entries = [("attention.sliding_window", .uint32(16))]
      $0.members = [("sliding_window", 16)]
    },
    described("stablelm") {
      $0.entries = [("rope.dimension_count", .uint32(4))]
      $0.members = [("partial_rotary_factor", 0.25), ("use_qkv_bias", true)]
    },
    published("gptneox", "gpt_neox one after the other") {
      $0.folderName = "gpt_neox"
      $0.fusedInFolders = fused
      $0.members = [
        ("rotary_pct", 0.5), ("use_parallel_residual", false), ("attention_bias", false),
        ("rotary_emb_base", 5_000),
      ]
    },
    published("gpt_neo") {
      $0.members = [("window_size", 16), ("attention_types", [[["global", "local"], 1]])]
    },
    published("opt") { $0.members = [("enable_bias", true)] },
    published("opt", "opt with norms of sums") {
      $0.members = [("do_layer_norm_before", false), ("word_embed_proj_dim", 32)]
    },
    described("olmo") {
      $0.permutesRows = true
      $0.entries = [("attention.clamp_kqv", .float32(1))]
      $0.members = [("clip_qkv", 1)]
    },
    described("nemotron") {
      $0.entries = [("rope.dimension_count", .uint32(8))]
      $0.members = [("partial_rotary_factor", 0.5)]
    },
    described("baichuan") {
      $0.permutesRows = true
      $0.fusedInFolders = fused
    },
    described("codeshell") {
      $0.fusedInFolders = fused
      $0.members = [("n_head", 4), ("num_query_groups", 2)]
    },
    described("exaone"),
    described("chatglm", "chatglm of old folders") {
      $0.fusedInGGUF = fused.merging(["ffn_up": ["ffn_gate", "ffn_up"]]) { first, _ in first }
      $0.fusedInFolders = fused.merging(["ffn_gate_up": ["ffn_gate", "ffn_up"]]) { first, _ in
        first
      }
      $0.entries = [("rope.dimension_count", .uint32(8)), ("rope.freq_base", .float32(50_000))]
      $0.members = [("add_qkv_bias", true), ("rope_ratio", 5), ("rope_theta", nil)]
    },
    described("internlm2") {
      $0.permutesRows = true
      $0.fusedInFolders = fused
    },
  ]

  /// Those whose attention and feed-forward network read the same stream.
  package static let parallel = [
    described("gptneox") {
      $0.folderName = "gpt_neox"
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
      $0.entries = [("rope.dimension_count", .uint32(4))]
      $0.members = [("rotary_pct", 0.25)]
    },
    described("stablelm", "stablelm with norms of heads") {
      $0.hasRowsInFolders = false
      $0.entries = [("rope.dimension_count", .uint32(4)), ("use_parallel_residual", .bool(1))]
      $0.members = [
        ("partial_rotary_factor", 0.25), ("qk_layernorm", true), ("use_parallel_residual", true),
      ]
    },
    described("falcon") {
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
    },
    described("falcon", "falcon with two norms") {
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
      $0.namesInGGUF = ["attn_norm": "attn_norm_2", "ffn_norm": "attn_norm"]
      $0.members = [("new_decoder_architecture", true)]
    },
    described("phi2") {
      $0.folderName = "phi"
      $0.fusedInGGUF = fused
      $0.entries = [("rope.dimension_count", .uint32(8))]
      $0.members = [("partial_rotary_factor", 0.5)]
    },
    published("phi2", "phi with norms of heads") {
      $0.folderName = "phi"
      $0.members = [("qk_layernorm", true)]
    },
    described("command-r") {
      $0.folderName = "cohere"
      $0.entries = [("logit_scale", .float32(0.25))]
      $0.members = [("logit_scale", 0.25)]
    },
    described("command-r", "command-r with norms of heads") {
      $0.folderName = "cohere"
      $0.entries = [("logit_scale", .float32(0.25))]
      $0.members = [("logit_scale", 0.25), ("use_qk_norm", true)]
    },
    described("cohere2") {
      $0.layers = 4
      $0.entries = [
        ("logit_scale", .float32(0.25)), ("attention.sliding_window", .uint32(16)),
      ]
      $0.members = [("logit_scale", 0.25), ("sliding_window", 16)]
    },
    described("gptj") {
      $0.entries = [("rope.dimension_count", .uint32(8))]
      $0.members = [("rotary_dim", 8)]
    },
  ]

  /// Those whose scores fall with distance.
  package static let alibi = [
    described("mpt") {
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
      $0.entries = [
        ("attention.max_alibi_bias", .float32(4)), ("attention.clamp_kqv", .float32(1)),
      ]
      $0.members = [("attn_config", ["alibi": true, "alibi_bias_max": 4, "clip_qkv": 1])]
    },
    described("mpt", "mpt with learned positions") {
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
      $0.entries = [("attention.max_alibi_bias", .float32(0))]
      $0.members = [("attn_config", ["alibi": false])]
    },
    described("bloom") {
      $0.fusedInGGUF = fused
      $0.fusedInFolders = fused
    },
    published("bloom", "bloom with sums of norms") {
      $0.fusedInFolders = fused
      $0.members = [("apply_residual_connection_post_layernorm", true)]
    },
    published("falcon", "falcon without rotation") {
      $0.fusedInFolders = fused
      $0.members = [
        ("alibi", true), ("bias", true), ("parallel_attn", false), ("multi_query", false),
      ]
    },
  ]
}
