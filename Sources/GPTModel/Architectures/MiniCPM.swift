import ModelFiles
import Tensor

/// MiniCPM 1, 2 and 4, those without experts: Llama's shape with factors on the embedding, on what blocks
/// add, and on logits.
///
/// Hu et al., "MiniCPM: Unveiling the Potential of Small Language Models", 2024.
enum MiniCPM: Architecture {
  static let names = ["minicpm"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    let layer = try Llama.layer(sizes, configuration)
    return try scaled(layer, sizes, configuration)
  }

  /// The decoder of such layers, with its factors.
  ///
  /// - Parameter layer: A layer without its factor.
  static func scaled(
    _ layer: LayerSpec, _ sizes: DecoderSizes, _ configuration: any ModelConfiguration
  ) throws(ModelError) -> TransformerSpec {
    var layer = layer
    let isFolder = configuration.omitsDefaults
    let depth = try configuration.factor(.depthScale, default: isFolder ? 1 : 1.4)
    layer.residualScale = Float(
      try configuration.factor(
        .residualScale, default: depth / Double(sizes.layers).squareRoot()))
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? true)
    spec.embedding.scale = Float(
      try configuration.factor(.embeddingScale, default: isFolder ? 1 : 12))
    let base = try configuration.integerIfPresent(.baseWidth, in: 1...65_536)
    let width = base ?? (isFolder ? 1 : 256)
    let growth = Double(sizes.width) / Double(width)
    spec.head.scale = Float(1 / (try configuration.factor(.logitDivisor, default: growth)))
    return spec
  }
}
