import ModelFiles
import Tensor

/// MiniCPM 3: MiniCPM's factors, and keys and values that are made of latents.
///
/// Hu et al., "MiniCPM: Unveiling the Potential of Small Language Models", 2024.
enum MiniCPM3: Architecture {
  static let names = ["minicpm3"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    var rules = DecoderSizes.Rules(epsilon: 1e-5)
    rules.readsHeadLength = false
    let sizes = try DecoderSizes(configuration, rules)
    let usual = LatentSpec(
      rank: 256, keyLength: 64, rotatedLength: 32, valueLength: sizes.width / sizes.queryHeads,
      norm: NormSpec(epsilon: 1e-6))
    let layer = try configuration.latentLayer(sizes, usual: usual, pairing: .halves)
    return try MiniCPM.scaled(layer, sizes, configuration)
  }
}
