import ModelFiles
import Tensor

/// Apertus: Llama's shape with norms of each head's queries and keys, and a feed-forward network without
/// gate, whose activation has figures of its own in each layer.
///
/// Project Apertus, "Apertus: Democratizing Open and Compliant LLMs for Global Language Environments",
/// 2025.
enum Apertus: Architecture {
  static let names = ["apertus"]
  static let naming = TensorNaming.standard.with([
    "attn_norm": "attention_layernorm", "ffn_norm": "feedforward_layernorm",
    "ffn_act_square": "mlp.act_fn.alpha_p", "ffn_act_exponential": "mlp.act_fn.alpha_n",
    "ffn_act_slope": "mlp.act_fn.beta", "ffn_act_ceiling": "mlp.act_fn.eps",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    var layer = sizes.layer(
      rotary: try configuration.rotary(headLength: sizes.headLength, base: 12_000_000))
    layer.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    try layer.addBiases(configuration)
    layer.feedForward?.isGated = false
    guard try configuration.stringIfPresent(.activation) ?? "xielu" == "xielu" else {
      layer.feedForward?.activation = try configuration.activation(default: .reluSquared)
      return sizes.spec(
        layers: Array(repeating: layer, count: sizes.layers),
        isTied: configuration.isTied ?? false)
    }
    let layers = try figures(configuration, layers: sizes.layers).map {
      var own = layer
      own.feedForward?.xielu = $0
      return own
    }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? false)
  }

  /// The figures of each layer's activation, which folders keep as tensors.
  private static func figures(
    _ configuration: any ModelConfiguration, layers: Int
  ) throws(ModelError) -> [XIELUFigures] {
    guard !configuration.omitsDefaults else { return Array(repeating: .tensors, count: layers) }
    func numbers(_ key: ConfigurationKey, default: Float?) throws(ModelError) -> [Float] {
      if let numbers = try configuration.numbersIfPresent(key, count: layers) { return numbers }
      if let value = `default` { return Array(repeating: value, count: layers) }
      throw ModelError(
        .missing, field: configuration.name(of: key), "the model needs a number for each layer")
    }
    let squares = try numbers(.xieluSquare, default: nil)
    let exponentials = try numbers(.xieluExponential, default: nil)
    let slopes = try numbers(.xieluSlope, default: XIELU.usualSlope)
    let ceilings = try numbers(.xieluCeiling, default: XIELU.usualCeiling)
    return (0..<layers).map {
      .stated(
        XIELU(
          trainedSquare: squares[$0], trainedExponential: exponentials[$0], slope: slopes[$0],
          ceiling: ceilings[$0]))
    }
  }
}
