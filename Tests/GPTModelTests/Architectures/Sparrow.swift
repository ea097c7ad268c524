import ModelFiles
import Tensor

@testable import GPTModel

// The listing of the article "Adding an architecture".
// listing: Sparrow
/// Sparrow, a family that nobody has trained: Llama's shape with norms after each block too, gates
/// of squared rectifiers, a window in two layers of three, and bounded logits.
enum Sparrow: Architecture {
  static let names = ["sparrow"]

  /// Folders call three norms otherwise than Llama's do.
  static let naming = TensorNaming.standard.with([
    "post_attention_norm": "attention_post_norm", "ffn_norm": "mlp_norm",
    "post_ffw_norm": "mlp_post_norm",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration)
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.placement = .sandwich
    layer.feedForward?.activation = try configuration.activation(default: .reluSquared)
    let windows = try configuration.windows(layers: sizes.layers, pattern: 3, default: 1_024)
    var spec = sizes.spec(
      layers: windows.map { layer.with(window: $0) }, isTied: configuration.isTied ?? true)
    let cap = try configuration.numberIfPresent(.logitSoftCap, in: 1e-3...1e6) ?? 20
    spec.head.softCap = Float(cap)
    return spec
  }
}
// end
