import ModelFiles

/// Mamba 2: nothing but state spaces whose heads share what goes into and out of them.
///
/// Dao and Gu, "Transformers are SSMs", 2024.
enum Mamba2: Architecture {
  static let names = ["mamba2"]
  static let naming = TensorNaming.standard.with([
    "token_embd": "embeddings", "output_norm": "norm_f", "attn_norm": "norm",
    "ssm_in": "mixer.in_proj", "ssm_conv1d": "mixer.conv1d", "ssm_dt.bias": "mixer.dt_bias",
    "ssm_a": "mixer.A_log", "ssm_d": "mixer.D", "ssm_norm": "mixer.norm",
    "ssm_out": "mixer.out_proj",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try RecurrentSizes(configuration)
    let mixer = try configuration.mamba2(
      width: sizes.width, norm: sizes.norm,
      defaults: Mamba2Defaults(heads: 128, groups: 8, states: 128))
    return sizes.spec(.mamba2(mixer), isTied: configuration.isTied ?? false)
  }
}
