import GPTModel

extension MalformedFolders {
  /// Families whose keys and values are made of latents.
  private static let latentFamilies = [
    "deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe_lite", "minicpm3", "mistral4",
  ]

  /// Lengths of latents and of what is made of them, and how experts beside them are chosen.
  mutating func addLatents() {
    (group, field) = ("latent", "config.json")
    let lengths: [JSONText] = [
      0, -1, 1.5, "16", true, [16], [:], 1e300, .number(Int.max), .number(Int.min), 65_537,
    ]
    let keys = [
      "kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim",
    ]
    for family in Self.latentFamilies {
      add(family, keys, lengths)
      add(family, ["qk_rope_head_dim"], [15, 1])
      add(family, ["attention_bias"], ["true", 1])
    }
    for family in ["deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe_lite"] {
      addChoices(family)
    }
    add("minicpm3", ["scale_emb", "scale_depth"], [0, -1, "12", true, [1], 1e300])
    add("mistral4", ["n_routed_experts"], [0, -1, "8", 1_025, 1e300])
    addLarge()
  }

  private mutating func addChoices(_ family: String) {
    let experts = (name: "n_routed_experts", value: 8 as JSONText)
    add(family, ["n_routed_experts"], [-1, 1.5, "8", 1_025, .number(Int.max)])
    add(family, ["num_experts_per_tok"], [0, -1, 9, "2", 1e300], beside: experts)
    add(family, ["moe_intermediate_size"], [0, -1, "16", 1e300, .number(Int.max)], beside: experts)
    add(family, ["first_k_dense_replace"], [-1, 1.5, "1", 1_025], beside: experts)
    add(family, ["scoring_func"], ["tanh", "", 1, []], beside: experts)
    add(family, ["topk_method"], [1, true, []], beside: experts)
    add(family, ["n_shared_experts"], [-1, 65, "1", 1e300], beside: experts)
    add(family, ["routed_scaling_factor"], [0, -1, "1", 1e300], beside: experts)
  }

  /// Lengths that are allowed each, and that no tensor of the folder has: nothing may be as large as they are.
  private mutating func addLarge() {
    field = nil
    for family in Self.latentFamilies {
      for rank in [65_536, 32_768] {
        add("\(family): all lengths \(rank)", .refused()) { builder in
          builder.configuration["model_type"] = .string(family)
          for key in [
            "kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim",
          ] {
            builder.configuration[key] = .number(rank)
          }
          builder.configuration["num_attention_heads"] = 1024
          builder.configuration["num_hidden_layers"] = 1024
        }
      }
    }
  }
}
