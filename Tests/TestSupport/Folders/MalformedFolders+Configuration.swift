import GPTModel

extension MalformedFolders {
  private static let sizes = [
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "max_position_embeddings", "vocab_size",
  ]

  /// Adds folders with one key of the configuration changed; nil takes it away.
  mutating func add(
    _ key: String, _ values: [JSONText?],
    _ expectation: MalformedModelFile.Expectation = .refused()
  ) {
    for value in values {
      add("\(key) \(value?.text.prefix(120) ?? "missing")", expectation) {
        $0.configuration[key] = value
      }
    }
  }

  /// Configurations that are none, or whose sizes no model can have.
  mutating func addConfigurations() {
    (group, field) = ("configuration", "config.json")
    add("no configuration", .refused(.missing)) { $0.replaced["config.json"] = .some(nil) }
    let texts = [
      "", " ", "{", "[]", "null", "1", "\"llama\"", "{}", "{} {}", "\u{FEFF}{}", "{'a': 1}",
      "{\"a\": NaN}", "{\"a\": Infinity}", "{\"a\": 1, \"a\": 1}", "{\"a\": 1e999}", "\0",
      String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 1000),
      "[" + String(repeating: "0,", count: 200_000) + "0]",
    ]
    for text in texts {
      add("the configuration \(text.prefix(40).debugDescription) of \(text.utf8.count)", .refused())
      {
        $0.replaced["config.json"] = Array(text.utf8)
      }
    }
    let hostile: [JSONText] = [
      0, -1, 1.5, 1e300, -1e300, "64", "NaN", true, [64, 64], [:], .number(1 << 31),
      .number(Int.max),
      .number(Int.min), .number(UInt64.max),
    ]
    for key in Self.sizes { add(key, hostile) }
    field = nil
    add("hidden_size", [31, 33, 64, nil])
    // A list of one number is one for each layer.
    add("intermediate_size", [31, 64, [64], nil])
    add("num_hidden_layers", [2, 1024, nil])
    add("num_attention_heads", [1, 3, 5, 7, 64, 1024, nil])
    add("num_key_value_heads", [3, 4, nil])
    add("num_key_value_heads", [2])
    add("head_dim", [8, 17, 32, 256])
    add("vocab_size", [1, 268, 270, .number(1 << 24), nil])
    add("max_position_embeddings", [nil])
    add("max_position_embeddings", [8, 16_777_216], .mayRun)
  }

  /// Norms and rotary angles that cannot be computed.
  mutating func addRotations() {
    (group, field) = ("rotation", "config.json")
    let numbers: [JSONText] = [0, -1, 1e300, -1e-300, "1e-5", "NaN", true, [1], [:]]
    add("rms_norm_eps", numbers + [2, 1e-300])
    add("rms_norm_eps", [.none])
    add("rope_theta", numbers + [1, 1e13])
    add("partial_rotary_factor", [0, -1, 2, 1e300, 0.01, 0.2, "0.5", true])
    add(
      "rope_scaling",
      [
        ["type": "unknown"], ["rope_type": "unknown"], ["rope_type": ""], ["rope_type": 1],
        ["rope_type": ["linear"]], ["type": "linear"], ["type": "linear", "factor": nil],
        ["type": "linear", "factor": 0], ["type": "linear", "factor": -8],
        ["type": "linear", "factor": "8"], ["type": "linear", "factor": 1e300],
        ["type": "linear", "factor": [8]], ["rope_type": "llama3"],
        ["rope_type": "llama3", "factor": 8, "low_freq_factor": 1],
        ["rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1],
        ["rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4],
        ["rope_type": "llama3", "factor": 8, "low_freq_factor": 0, "high_freq_factor": 4],
        [
          "rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
          "original_max_position_embeddings": 0,
        ],
        [
          "rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
          "original_max_position_embeddings": 1e300,
        ],
        "linear", 8, [], true,
      ])
    add(
      "rope_parameters",
      [
        ["rope_type": "unknown"], ["rope_theta": 0], ["rope_theta": "x"],
        ["rope_type": "linear", "rope_theta": 10_000], ["full_attention": ["rope_theta": -1]],
        ["full_attention": ["rope_type": "unknown"]], "default", 1, [], true,
      ])
    add("rope_scaling", [.some(nil), [:], ["factor": 8]], .mayRun)
  }

  /// Models of kinds that there are not, or that are not supported.
  mutating func addKinds() {
    (group, field) = ("kind", "config.json")
    add(
      "model_type",
      [
        .none, .some(nil), 1, true, [], ["llama"], "", "unknown", "LLAMA", "llama ", "llama\0",
        "../llama",
        .string(String(repeating: "l", count: 65)), "llam\u{430}",
      ])
    add(
      "hidden_act",
      [
        "unknown", "", "SILU", 1, true, [], ["silu"],
        .string(String(repeating: "s", count: 100_000)),
      ])
    add(
      "quantization_config",
      [
        ["quant_method": "gptq"], ["quant_method": nil], [:], "gptq", [], true,
        ["quant_method": [1]],
      ])
    add("num_local_experts", [8, -8, "8", 1e300, true])
    add("num_experts", [8, "8"])
    add("n_routed_experts", [64])
    add("clip_qkv", [8.0, -8.0, "8", 1e300])
    add(
      "eos_token_id",
      [
        -1, "2", true, 1e300, [-1], ["2"], [[2]], [:], .number(Int.max), .number(1 << 24),
        .array([JSONText](repeating: 2, count: 2000)),
      ])
    for value: JSONText in [
      [], ["full_attention", "full_attention"], ["chunked_attention"], [1], [nil], "full_attention",
      1,
      [["full_attention"]], [:], ["FULL_ATTENTION"],
    ] {
      add("layer_types \(value.text)", .refused()) { builder in
        builder.configuration["sliding_window"] = 16
        builder.configuration["layer_types"] = value
      }
    }
    add("sliding_window", [-1, 1.5, "16", true, [16], 1e300, .number(Int.max)])
    add("sliding_window", [0, 1, 16_777_216], .mayRun)
    add("attention_bias", ["true", 1, []])
    field = nil
    add("attention_bias", [true])
    add("mlp_bias", [true])
    add("tie_word_embeddings", [false, nil, "true", 1, []])
    add("text_config", [nil, 1, [], "x"], .mayRun)
    add("text_config", [[:], ["model_type": "llama"], ["text_config": [:]]])
    add("architectures", [nil, 1, [], ["Unknown"]], .mayRun)
  }
}
