import GPTModel

extension MalformedFolders {
  /// Hyper-parameters that only architectures with layer norms have.
  mutating func addLayerNorms() {
    (group, field) = ("layer norm", "config.json")
    let flags: [(String, [String])] = [
      ("gpt2", ["scale_attn_weights", "scale_attn_by_inverse_layer_idx", "add_cross_attention"]),
      ("gpt_bigcode", ["multi_query"]), ("gpt_neox", ["use_parallel_residual"]),
      ("stablelm", ["use_qkv_bias", "qk_layernorm", "use_parallel_residual"]),
      ("falcon", ["alibi", "bias", "multi_query", "new_decoder_architecture", "parallel_attn"]),
      ("phi", ["qk_layernorm"]), ("cohere", ["use_qk_norm"]), ("starcoder2", ["use_bias"]),
      (
        "opt",
        [
          "do_layer_norm_before", "enable_bias", "_remove_final_layer_norm",
          "layer_norm_elementwise_affine",
        ]
      ), ("bloom", ["apply_residual_connection_post_layernorm"]),
    ]
    for (architecture, keys) in flags { add(architecture, keys, ["true", 1, []]) }
    add("gpt2", ["add_cross_attention"], [true])
    add("gpt_neox", ["layer_norm_eps"], [0, -1, 2, "1e-5", true, 1e-300])
    add("gpt_neox", ["rotary_pct"], [0, -1, 2, "0.5", true])
    add("gptj", ["rotary_dim"], [0, 1, 3, 17, 64, -2, "4", true, 1.5])
    add(
      "falcon", ["num_ln_in_parallel_attn"], [0, 3, "1", 1.5, true],
      beside: ("new_decoder_architecture", true))
    add("falcon", ["num_kv_heads"], [0, -1, "2", 1.5, true, 1e300])
    add("cohere", ["logit_scale"], [0, -1, "1", true, [1], 1e300])
    add("olmo", ["clip_qkv"], [-1, "8", 1e300, true, [1]])
    add("opt", ["word_embed_proj_dim"], [0, -1, "32", 1.5, 1e300, true])
    add(
      "mpt", ["expansion_ratio"], [0, -1, 17, "4", true, 1.5], beside: ("intermediate_size", nil))
    add(
      "mpt", ["attn_config"],
      [
        ["clip_qkv": -1], ["clip_qkv": "8"], ["softmax_scale": 0], ["softmax_scale": "1"],
        ["alibi": 1], ["alibi": true, "alibi_bias_max": -1],
        ["alibi": true, "alibi_bias_max": "8"],
        ["qk_ln": true], ["qk_ln": 1], ["prefix_lm": true],
      ])
    add("gpt_neo", ["window_size"], [0, -1, "16", true, 1e300])
    add("gpt_neo", ["attention_layers"], [1, "x", ["other"], ["global", "local"], [1], []])
    add(
      "gpt_neo", ["attention_types"],
      [
        1, "x", [], [1], [["global"]], [[["global"], -1]], [[["global"], 1e300]],
        [[["global"], 2]], [[["global"], 1024]], [[["other"], 1]], [[["global"], 1], 1],
        [["global", 1]],
      ])
    addFused()
  }

  /// Tensors that are fused by head or of all experts, or have columns for rows, in shapes that do not fit.
  private mutating func addFused() {
    (group, field) = ("fused", nil)
    let cases = [
      ("gpt_neox", "attention.query_key_value.weight", [64, 32]),
      ("gpt_neox", "attention.query_key_value.bias", [64]),
      ("gpt2", "attn.c_attn.weight", [32, 64]), ("gpt2", "mlp.c_fc.weight", [32, 32]),
      ("gpt_oss", "mlp.experts.gate_up_proj.weight", [8, 32, 64]),
      ("gpt_oss", "mlp.experts.gate_up_proj.bias", [8, 64]),
      ("granitemoe", "block_sparse_moe.input_linear.weight", [8, 64, 32]),
      ("granitemoe", "block_sparse_moe.output_linear.weight", [8, 32, 32]),
    ]
    for (architecture, base, shape) in cases {
      var model = TinyModel.least
      let families =
        TinyArchitecture.parallel + TinyArchitecture.layerNormed + TinyArchitecture.mixtures
      model.architecture =
        families.first { $0.folderName == architecture } ?? model.architecture
      let folder = model.folder()
      let isLast = architecture == "gpt2"
      let name = "model.\(isLast ? "h" : "layers").0.\(base)"
      let count = shape.reduce(1, *)
      // A row less, a row more, one row of all, as many rows as there are numbers, and three dimensions.
      let rows = isLast ? shape.count - 1 : 0
      var (short, long) = (shape, shape)
      short[rows] -= 1
      long[rows] += 1
      var shapes = [short, long, [1] + shape, [2, count]]
      if shape.count > 1 { shapes += [[count], [count, 1], [1, count]] }
      for other in shapes {
        var changed = folder
        changed.change(name) {
          $0.shape = .array(other.map { .number($0) })
          $0.data = [UInt8](repeating: 0, count: 4 * other.reduce(1, *))
        }
        add("\(architecture): \(base) of \(other)", .refused()) { $0 = changed }
      }
    }
  }
}
