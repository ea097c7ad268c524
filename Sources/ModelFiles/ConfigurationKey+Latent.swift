/// What models state whose keys and values are made of latents.
extension ConfigurationKey {
  /// The rank of queries.
  package static let queryRank = ConfigurationKey(
    gguf: "attention.q_lora_rank", folder: ["q_lora_rank"])
  /// The length of a latent.
  package static let latentRank = ConfigurationKey(
    gguf: "attention.kv_lora_rank", folder: ["kv_lora_rank"])
  /// The elements of a key that are not rotated.
  package static let plainKeyLength = ConfigurationKey(gguf: nil, folder: ["qk_nope_head_dim"])
  /// The elements of a key that are.
  package static let rotatedKeyLength = ConfigurationKey(
    gguf: "rope.dimension_count", folder: ["qk_rope_head_dim"])
  /// The length of a head's key, where GGUF files have latents for keys.
  package static let wholeKeyLength = ConfigurationKey(
    gguf: "attention.key_length_mla", folder: [])
  /// The same for older files, which have no latents.
  package static let expandedKeyLength = ConfigurationKey(
    gguf: "attention.key_length", folder: [])
  /// The length of a head's value.
  package static let latentValueLength = ConfigurationKey(
    gguf: "attention.value_length_mla", folder: ["v_head_dim"])
  /// How experts are chosen, by name.
  package static let choiceName = ConfigurationKey(gguf: nil, folder: ["topk_method"])
  /// Whether neighbours are rotated together.
  package static let rotatesNeighbours = ConfigurationKey(gguf: nil, folder: ["rope_interleave"])
  /// What the factor on scores is made of where angles are stretched; a tenth of it in GGUF files.
  package static let scoreMagnitude = ConfigurationKey(
    gguf: "rope.scaling.yarn_log_multiplier",
    folder: ["rope_scaling/mscale_all_dim", "rope_parameters/mscale_all_dim"])
}
