import JSON

/// What a folder's files say of a model: sizes, special tokens, and the names of tensors.
struct FolderLayout {
  /// The sizes.
  let shape: ModelShape
  /// The tokens that end an answer.
  let ends: [Int]
  /// The token that begins a prompt, if there is one.
  let beginning: Int?

  /// `config.json`.
  var configuration: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("architectures") { $0.array { $0.value("LlamaForCausalLM") } }
      json.member("model_type", "llama")
      json.member("torch_dtype", "float32")
      json.member("hidden_act", "silu")
      for (key, size) in sizes { json.member(key, size) }
      json.member("rms_norm_eps") { $0.value(Double("\(shape.epsilon)") ?? 1e-5) }
      json.member("rope_theta") { $0.value(shape.ropeBase) }
      json.member("tie_word_embeddings") { $0.value(shape.isTied) }
      json.member("attention_bias") { $0.value(false) }
      json.member("mlp_bias") { $0.value(false) }
      marks(&json)
    }
    return json.bytes
  }

  /// `generation_config.json`.
  var generation: [UInt8] {
    var json = JSONWriter()
    json.object { marks(&$0) }
    return json.bytes
  }

  private var sizes: [(String, Int)] {
    [
      ("vocab_size", shape.vocabulary), ("hidden_size", shape.width),
      ("num_hidden_layers", shape.layers), ("num_attention_heads", shape.queryHeads),
      ("num_key_value_heads", shape.keyValueHeads), ("head_dim", shape.headLength),
      ("intermediate_size", shape.feedForward), ("max_position_embeddings", shape.context),
    ]
  }

  private func marks(_ json: inout JSONWriter) {
    if let beginning { json.member("bos_token_id", beginning) }
    json.member("eos_token_id") { json in
      json.array { json in for end in ends { json.value(end) } }
    }
  }

  private static let names = [
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "token_embd": "model.embed_tokens",
    "output_norm": "model.norm", "output": "lm_head",
  ]

  /// What folders call a tensor.
  static func name(of tensor: ParameterTensor) -> String {
    let parts = tensor.name.split(separator: ".").map(String.init)
    let base = names[parts[parts.count - 2]] ?? parts[parts.count - 2]
    return parts.count == 4 ? "model.layers.\(parts[1]).\(base).weight" : "\(base).weight"
  }
}
