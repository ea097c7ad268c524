import ModelFiles
import Tensor

/// Phi-1, 1.5 and 2: attention and a feed-forward network without gates read one norm, biases everywhere,
/// on logits too, and a part of each head turns.
///
/// Li et al., "Textbooks Are All You Need II: phi-1.5 technical report", 2023.
enum Phi: Architecture {
  static let names = ["phi2", "phi"]
  static let naming = TensorNaming.standard.with([
    "output_norm": "final_layernorm", "attn_output": "self_attn.dense",
    "attn_q_norm": "self_attn.q_layernorm", "attn_k_norm": "self_attn.k_layernorm",
    "ffn_up": "mlp.fc1", "ffn_down": "mlp.fc2",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, .layerNorm(defaults: [.contextLength: 2_048]))
    var layer = sizes.plainLayer(
      rotary: try configuration.rotary(headLength: sizes.headLength, share: 0.5),
      activation: try configuration.activation(default: .geluTanh), hasBias: true)
    if try configuration.flagIfPresent(.queryKeyNorm) ?? false {
      layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    }
    layer.placement = .parallel
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    spec.head.hasBias = true
    return spec
  }
}
