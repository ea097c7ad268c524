import JSON

/// Members of a `config.json` that change no result where nobody reads them.
enum HarmlessMembers {
  private static let names: Set = [
    // What the model is called, and which programs made or read it.
    "_name_or_path", "architectures", "auto_map", "model_type", "transformers_version", "license",
    "custom_pipelines", "task_specific_params", "finetuning_task", "_from_model_config",
    "unsloth_fixed", "unsloth_version", "transformers.js_config", "onnx_export", "ds_config",
    // How numbers are kept, and how the reference computes.
    "dtype", "torch_dtype", "use_cache", "cache_implementation", "attn_implementation",
    "_attn_implementation", "use_flash_attn", "use_flash_attention", "pretraining_tp",
    "slow_but_exact", "fused_bias_fc", "use_kernels", "residual_in_fp32", "sequence_parallel",
    "reorder_and_upcast_attn", "attention_softmax_in_fp32", "scale_attention_softmax_in_fp32",
    "softmax_type", "logits_fp32", "init_device", "use_long_context", "is_decoder",
    "chunk_size", "mamba_chunk_size", "use_mamba_kernels", "use_mambapy", "use_associative_scan",
    "mamba_ssm_cache_dtype", "num_logits_to_keep", "mamba_ssm_dtype",
    "onnx_safe", "bf16", "fp16", "fp32", "fused_residual_norm", "chunk_size_feed_forward",
    // What only training has.
    "initializer_range", "initializer_factor", "init_std", "attention_dropout", "hidden_dropout",
    "attention_probs_dropout_prob", "hidden_dropout_prob", "attn_dropout", "resid_dropout",
    "embd_pdrop", "attn_pdrop", "resid_pdrop", "emb_pdrop", "embed_dropout", "classifier_dropout",
    "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
    "summary_use_proj", "router_aux_loss_coef", "router_jitter_noise", "output_router_logits",
    "aux_loss_alpha", "seq_aux", "ep_size", "gradient_checkpointing", "layerdrop", "dropout",
    "activation_dropout", "classifier_dropout_prob", "embedding_dropout", "init_config",
    "ffn_config",
    "rescale_prenorm_residual", "rescale_every", "time_step_min", "time_step_max",
    "time_step_floor", "time_step_scale", "time_step_init_scheme", "learned_pos_emb", "verbose",
    "embedding_fraction",
    "id2label", "label2id", "num_labels", "problem_type",
    "original_rope", "post_layer_norm", "rmsnorm", "apply_query_key_layer_scaling",
    "bias_dropout_fusion", "multi_query_attention", "padded_vocab_size", "layer_norm_epsilon",
    "initializer_cutoff_factor", "altup_coef_clip",
    "seq_classif_dropout", "qa_dropout", "sinusoidal_pos_embds", "mlp_dropout", "sparse_prediction",
    "sparse_pred_ignore_index", "pad_vocab_size_multiple",
    // What only a head has that is not used, and how classifiers end, which is read apart.
    "decoder_bias", "classifier_bias", "classifier_activation", "classifier_pooling",
    "deterministic_flash_attn", "sentence_transformers", "sbert_ce_default_activation_function",
    // Tokens, which the tokenizer's files name.
    "bos_token_id", "eos_token_id", "pad_token_id", "eod_token_id", "unk_token_id", "sep_token_id",
    "cls_token_id", "mask_token_id", "decoder_start_token_id", "image_token_index", "im_start_id",
    "image_token_id", "video_token_id", "audio_token_id", "boi_token_index", "eoi_token_index",
    "vision_start_token_id", "vision_end_token_id", "tokenizer_class", "boi_token_id",
    "eoi_token_id",
    "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id", "forced_eos_token_id",
    // Other parts of a model than its decoder.
    "vision_config", "audio_config", "text_config", "mm_tokens_per_image", "projector_hidden_act",
    "multimodal_projector_bias", "spatial_merge_size", "vision_feature_layer",
    "quantization_config",
    "num_nextn_predict_layers", "num_mtp_layers", "mtp_num_hidden_layers",
    "mtp_layers_block_type", "mtp_hybrid_override_pattern", "moe_shared_expert_overlap",
    // What says again what another member says.
    "tie_word_embeddings", "vocab_size", "num_key_value_heads", "head_dim", "n_inner", "rotary",
    "max_sequence_length", "max_seq_len", "model_max_length", "seq_length",
    "original_max_position_embeddings", "rope_theta",
    "rms_norm_eps", "layer_norm_epsilon", "layer_norm_eps", "n_ctx",
    "qk_head_dim", "vocab_size_per_layer_input",
  ]

  /// What follows from others, or says what there is none of, in the files of some families.
  private static let byFamily: [String: Set<String>] = [
    "mamba": ["intermediate_size"], "falcon_mamba": ["intermediate_size"],
    "mamba2": ["time_step_rank"], "granitemoehybrid": ["mamba_d_head"],
    "falcon_h1": ["mamba_d_head", "mamba_expand"], "mpt": ["no_bias"],
    "lfm2": ["block_ffn_dim_multiplier", "block_multiple_of"],
    "llama4_text": ["attn_scale", "floor_scale"], "seed_oss": ["residual_dropout"],
    "falcon": ["parallel_attn", "num_ln_in_parallel_attn"],
    "gemma3_text": ["_sliding_window_pattern"], "gpt_oss": ["hidden_act"],
    "nemotron_h": [
      "expand", "moe_intermediate_size", "moe_shared_expert_intermediate_size", "moe_latent_size",
      "n_group", "n_shared_experts", "norm_topk_prob", "num_experts_per_tok",
      "routed_scaling_factor",
      "topk_group",
    ],
  ]

  /// Whether a member of a configuration may be left unread.
  static func contains(_ name: String, in members: JSONObject) -> Bool {
    guard let value = members[name], !value.isUnset, !names.contains(name) else { return true }
    if case .string(let family)? = members["model_type"],
      byFamily[family]?.contains(name) == true
    {
      return true
    }
    switch (name, value) {
    case ("position_embedding_type", .string("rope")),
      ("position_embedding_type", .string("absolute")):
      return true
    case ("norm_type", .string("low_precision_layernorm")): return true
    case ("rope_parameters", _): return members["alibi"] == .bool(true)
    case ("layer_types", .array(let kinds)):
      return kinds.allSatisfy { $0 == .string("full_attention") }
    case ("sliding_window", _), ("max_window_layers", _):
      return members["use_sliding_window"] == .bool(false)
    default: return false
    }
  }
}

extension JSONValue {
  /// Whether the value is how writers say that there is none: nothing, no or empty.
  fileprivate var isUnset: Bool {
    switch self {
    case .null: true
    case .bool(let truth): !truth
    case .integer(let number): number == 0
    case .number(let number): number == 0
    case .string(let text): text.isEmpty
    case .array(let values): values.isEmpty
    case .object(let object): object.members.isEmpty
    }
  }
}
