import ModelFiles
import Tensor

/// Mistral 4: DeepSeek's latents and experts, with queries that grow with their position.
///
/// Mistral AI, "Mistral 4", 2026.
enum Mistral4: Architecture {
  static let names = ["mistral4"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DeepSeek.sizes(configuration)
    var usual = DeepSeek.usual
    (usual.rank, usual.keyLength) = (256, 64)
    let neighbours = try configuration.flagIfPresent(.rotatesNeighbours) ?? true
    var layer = try configuration.latentLayer(
      sizes, usual: usual, pairing: neighbours ? .interleaved : .halves)
    let scale = try configuration.factor(.temperatureScale, default: 0)
    if scale != 0 {
      layer.attention?.temperature = AttentionTemperature(
        scale: scale, length: try configuration.integer(.temperatureLength, in: 1...16_777_216))
    }
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    let has = try configuration.expertLayers(sizes.layers)
    var experts = try DeepSeek.experts(configuration, sizes, score: .softmax, layers: has)
    experts.routing.weight = .share(added: 1e-20)
    if try configuration.flagIfPresent(.normalizesWeights) == false {
      experts.routing.weight = .score
    }
    experts.routing.groups?.summed = 2
    spec.add(experts, where: has)
    return spec
  }
}
