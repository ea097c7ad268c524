import ModelFiles
import Tensor

/// Ministral 3: Mistral's shape with angles stretched by YaRN, and queries that grow with their position.
///
/// Mistral AI, "Introducing Mistral 3", 2025.
enum Ministral3: Architecture {
  static let names = ["ministral3", "mistral3"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, defaults: [.headLength: 128, .keyValueHeads: 8], defaultEpsilon: 1e-5)
    var layer = try Llama.layer(sizes, configuration)
    let scale = try configuration.factor(.temperatureScale, default: 0)
    if scale != 0 {
      layer.attention?.temperature = AttentionTemperature(
        scale: scale, length: try configuration.integer(.temperatureLength, in: 1...16_777_216))
    }
    let layers = try configuration.windows(layers: sizes.layers).map { layer.with(window: $0) }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }
}
