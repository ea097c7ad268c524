import ModelFiles

/// Mamba, and Falcon Mamba, which normalises what steps and states are made of: nothing but state spaces with a
/// decay for each channel.
///
/// Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023. Zuo et al., "Falcon
/// Mamba", 2024.
enum Mamba: Architecture {
  static let names = ["mamba", "falcon_mamba"]
  static let naming = Mamba2.naming.with(
    ["ssm_x": "mixer.x_proj", "ssm_dt": "mixer.dt_proj"], without: ["ssm_dt.bias", "ssm_norm"])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try RecurrentSizes(configuration)
    try configuration.requireSilu()
    let stated = try configuration.integerIfPresent(.stateSpaceInner, in: 1...1_048_576)
    let expansion = try configuration.integerIfPresent(.stateSpaceExpansion, in: 1...64) ?? 2
    var mixer = MambaSpec(
      inner: stated ?? expansion * sizes.width,
      states: try configuration.size(.stateSize, in: 1...4096, default: 16),
      rank: try configuration.size(.stepRank, in: 1...65_536, default: (sizes.width + 15) / 16),
      convolution: try configuration.convolution(hasBias: true))
    mixer.hasBias = try configuration.flagIfPresent(.stateSpaceBias) ?? false
    let isNormed = try configuration.flagIfPresent(.normalizesSelection) ?? false
    if isNormed || configuration.architecture == "falcon_mamba" {
      mixer.normEpsilon = Float(
        try configuration.numberIfPresent(.selectionEpsilon, in: 1e-30...1) ?? 1e-6)
    }
    return sizes.spec(.mamba(mixer), isTied: configuration.isTied ?? true)
  }
}
