import GPTModel

extension MalformedFolders {
  /// Hyper-parameters that only some architectures have, and ways to stretch angles.
  mutating func addFamilies() {
    (group, field) = ("family", "config.json")
    let factors: [JSONText] = [0, -1, "12", true, [1], [:], 1e300, "NaN"]
    add(
      "granite",
      [
        "embedding_multiplier", "residual_multiplier", "attention_multiplier", "logits_scaling",
      ], factors)
    add("minicpm", ["scale_emb", "scale_depth"], factors)
    add("minicpm", ["dim_model_base"], factors + [1.5])
    add("smollm3", ["no_rope_layer_interval"], [0, -1, 1.5, "4", true, [4], 1e300])
    add("smollm3", ["no_rope_layers"], [[], [1, 1], [2], [-1], ["1"], [[1]], [1.5]])
    add(
      "exaone4", ["sliding_window_pattern"], ["", "LX", "LLLG ", 1.5, true, [:], [4]],
      beside: ("sliding_window", 16))
    add("glm", ["partial_rotary_factor"], [0, -1, 2, "0.5", true])
    for key in ["attention_bias", "attention_out_bias", "mlp_bias"] {
      add("seed_oss", [key], ["true", 1, []])
    }
    add("ernie4_5", ["use_bias"], ["true", 1, []])
    addExperts(factors)
    addStretched()
  }

  /// Figures of experts, of their choice and of what stands beside them.
  private mutating func addExperts(_ factors: [JSONText]) {
    let counts: [JSONText] = [0, -1, 1.5, "8", true, [8, 8], [:], 1e300, .number(Int.max)]
    add("qwen3_moe", ["num_experts", "moe_intermediate_size"], counts)
    add("qwen3_moe", ["num_experts"], [1_025, 1_000_000])
    add("qwen3_moe", ["num_experts_per_tok"], counts + [9], beside: ("num_experts", 8))
    add("qwen3_moe", ["decoder_sparse_step"], [0, -1, 1.5, "1", true])
    add("qwen3_moe", ["mlp_only_layers"], [1, "1", true, [-1], [1.5], ["1"], [[1]], [:]])
    add("qwen3_moe", ["norm_topk_prob"], [1, "true", []])
    add("qwen2_moe", ["shared_expert_intermediate_size"], counts)
    add("glm4_moe", ["n_group"], counts + [129])
    add("glm4_moe", ["n_group"], [3], beside: ("topk_group", 1))
    add("glm4_moe", ["topk_group"], counts + [5], beside: ("n_group", 4))
    add("glm4_moe", ["topk_group"], [1], beside: ("n_group", 32))
    add("glm4_moe", ["n_shared_experts"], [-1, 65, 1.5, "1"])
    add("glm4_moe", ["first_k_dense_replace"], [-1, 1.5, "1", 1_025])
    add("glm4_moe", ["scoring_func"], ["tanh", "", 1, true, []])
    add("glm4_moe", ["routed_scaling_factor"], factors)
    add("ernie4_5_moe", ["moe_norm_min", "moe_layer_end_index"], [-2, 1e300, "1", [1]])
    add("gpt_oss", ["swiglu_limit", "swiglu_alpha"], factors)
    add("phimoe", ["router_jitter_noise"], [-1, 2, "1", true])
    add("hunyuan_v1_moe", ["moe_topk"], [[1, 2], "1", 0], beside: ("num_experts", 4))
    add("llama4_text", ["attention_chunk_size"], [0, -32, 33, "32", 1e300])
    add("llama4_text", ["floor_scale"], [0, -1, "8192", true])
    add("llama4_text", ["attn_scale"], [-1, "1", true, 1e300])
    add("llama4_text", ["moe_layers"], [1, "1", [-1], [1.5], [[1]]])
  }

  /// Adds folders of an architecture with one key of the configuration changed.
  mutating func add(
    _ architecture: String, _ keys: [String], _ values: [JSONText],
    beside other: (name: String, value: JSONText)? = nil
  ) {
    for key in keys {
      for value in values {
        add("\(architecture): \(key) \(value.text.prefix(120))", .refused()) { builder in
          builder.configuration["model_type"] = .string(architecture)
          if let other { builder.configuration[other.name] = other.value }
          builder.configuration[key] = value
        }
      }
    }
  }

  private mutating func addStretched() {
    let yarn: JSONText = [
      "rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 64,
    ]
    let divisors: JSONText = [1, 1, 1, 1, 1, 1, 1, 1]
    let long: JSONText = [
      "rope_type": "longrope", "factor": 4, "long_factor": divisors, "short_factor": divisors,
    ]
    let numbers: [JSONText] = [-1, 1e300, "4", true, [4], [:]]
    let keys = [
      "factor", "beta_fast", "beta_slow", "attention_factor", "mscale", "mscale_all_dim",
      "original_max_position_embeddings",
    ]
    for key in keys { add(yarn, key, numbers) }
    add(yarn, "factor", [0, 0.5])
    let lists: [JSONText] = [
      nil, [], 1, "1", [1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 0],
      [1, 1, 1, 1, 1, 1, 1, "1"], [1, 1, 1, 1, 1, 1, 1, 1e300], [[1]],
    ]
    for key in ["long_factor", "short_factor"] { add(long, key, lists) }
    for key in ["attention_factor", "factor", "original_max_position_embeddings"] {
      add(long, key, numbers)
    }
    add(["rope_type": "dynamic", "factor": 1], "alpha", numbers + [0])
    for value in numbers {
      add("ministral3: llama_4_scaling_beta \(value.text)", .refused()) { builder in
        builder.configuration["model_type"] = "ministral3"
        builder.configuration["rope_parameters"] = yarn
        builder.configuration["rope_parameters"]?["llama_4_scaling_beta"] = value
      }
    }
  }

  /// Adds folders whose angles are stretched, with one figure changed.
  private mutating func add(_ scaling: JSONText, _ key: String, _ values: [JSONText]) {
    for value in values {
      var changed = scaling
      changed[key] = value
      let type = scaling["rope_type"]?.text ?? ""
      add("\(type): \(key) \(value.text)", .refused()) {
        $0.configuration["rope_scaling"] = changed
      }
    }
  }
}
