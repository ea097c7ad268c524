import ModelFiles

/// StarCoder and SantaCoder (GPTBigCode): GPT-2's shape, with one key-value head for all query heads.
///
/// Li et al., "StarCoder: may the source be with you!", 2023.
enum StarCoder: Architecture {
  static let names = ["starcoder", "gpt_bigcode"]

  static let naming = {
    var naming = GPT2.layerNames
    naming.byHead = ["attn_qkv"]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let isShared = try configuration.flagIfPresent(.multiQuery) ?? true
    let sizes = try DecoderSizes(
      configuration, .layerNorm(expansion: 4, defaults: isShared ? [.keyValueHeads: 1] : [:]))
    return try GPT2.spec(configuration, sizes)
  }
}
