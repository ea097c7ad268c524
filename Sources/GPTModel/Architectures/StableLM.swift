import ModelFiles
import Tensor

/// StableLM 3B and StableLM 2: Llama's shape with layer norms, and a quarter of each head turns; the 12B
/// model's blocks read one norm, and each of its heads has a norm of its own.
///
/// Bellagente et al., "Stable LM 2 1.6B Technical Report", 2024.
enum StableLM: Architecture {
  static let names = ["stablelm"]
  static let naming = TensorNaming.standard.with([
    "attn_q_norm": "self_attn.q_layernorm.norms", "attn_k_norm": "self_attn.k_layernorm.norms",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, .layerNorm(defaults: [.contextLength: 4_096]))
    var layer = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, share: 0.25))
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    layer.attention?.hasInputBias = try configuration.flagIfPresent(.inputBias) ?? false
    if try configuration.flagIfPresent(.queryKeyNorm) ?? false {
      var norm = sizes.norm
      norm.kind = .layer(hasWeight: true, hasBias: false)
      layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .ownHead, norm: norm)
    }
    // GGUF files state a flag, and state it wrongly where a folder left it out.
    let isParallel =
      if let hasNorm = try configuration.flagIfPresent(.feedForwardNorm) { !hasNorm } else {
        try configuration.flagIfPresent(.parallelResidual) ?? false
      }
    if isParallel { layer.placement = .parallel }
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
