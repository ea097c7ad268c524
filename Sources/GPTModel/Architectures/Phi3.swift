import ModelFiles
import Tensor

/// Phi 3, 3.5 and 4, those without experts: Llama's shape with fused projections, often with angles that
/// are stretched pair by pair, and rotating a part of each head.
///
/// Abdin et al., "Phi-3 Technical Report", 2024; Microsoft, "Phi-4-Mini Technical Report", 2025.
enum Phi3: Architecture {
  static let names = ["phi3"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    let layers = try configuration.windows(layers: sizes.layers).map { layer.with(window: $0) }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }
}
