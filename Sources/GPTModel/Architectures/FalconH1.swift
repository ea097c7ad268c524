import ModelFiles
import Tensor

/// Falcon-H1: attention and Mamba 2 side by side in every layer, and a factor on nearly everything, which files
/// of llama.cpp have in their weights.
///
/// Zuo et al., "Falcon-H1: A Family of Hybrid-Head Language Models", 2025.
enum FalconH1: Architecture {
  static let names = ["falcon-h1", "falcon_h1"]
  static let naming = TensorNaming.standard.with([
    "output_norm": "final_layernorm", "ffn_norm": "pre_ff_layernorm",
    "ffn_gate": "feed_forward.gate_proj", "ffn_up": "feed_forward.up_proj",
    "ffn_down": "feed_forward.down_proj", "ssm_in": "mamba.in_proj",
    "ssm_conv1d": "mamba.conv1d", "ssm_dt.bias": "mamba.dt_bias", "ssm_a": "mamba.A_log",
    "ssm_d": "mamba.D", "ssm_norm": "mamba.norm", "ssm_out": "mamba.out_proj",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, defaults: [.keyValueHeads: 8], defaultEpsilon: 1e-5)
    var layer = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    try layer.addBiases(configuration)
    layer.feedForward?.activation = try configuration.activation(default: .silu)
    let input = Float(try configuration.factor(.attentionInputScale))
    let key = Float(try configuration.factor(.keyScale))
    layer.attention?.scale *= key * input * input
    layer.attentionScale = input * Float(try configuration.factor(.attentionOutputScale))
    layer.recurrence = .mamba2(try mixer(configuration, sizes))
    layer.recurrenceScale = Float(try configuration.factor(.stateSpaceOutputScale))
    layer.feedForward?.gateScale = Float(try configuration.factor(.gateScale))
    layer.feedForwardScale = Float(try configuration.factor(.feedForwardScale))
    if layer.attention?.hasInputBias == true, layer.attentionScale != 1 {
      throw ModelError(
        .unsupported, field: configuration.name(of: .attentionBias),
        "biases of what attention reads, beside factors on it")
    }
    var spec = sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
    spec.embedding.scale = Float(try configuration.factor(.embeddingScale))
    spec.head.scale = Float(try configuration.factor(.headScale))
    return spec
  }

  /// The state space, whose factors are on what the input is projected to.
  private static func mixer(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> Mamba2Spec {
    try configuration.refuse(
      flag: .projectorsBias, because: "biases of the last projection alone are not supported")
    var mixer = try configuration.mamba2(
      width: sizes.width, norm: sizes.norm,
      defaults: Mamba2Defaults(heads: 128, groups: 1, states: 256))
    let isNormed = try configuration.flagIfPresent(.stateSpaceNorm) ?? false
    let isBefore = try configuration.flagIfPresent(.normBeforeGate) ?? configuration.omitsDefaults
    mixer.gatedNorm = !isNormed ? .none : isBefore ? .beforeGate : .afterGate
    let input = Float(try configuration.factor(.stateSpaceInputScale))
    var factors: [Float] = []
    for key in ConfigurationKey.stateSpaceScales {
      factors.append(input * Float(try configuration.factor(key)))
    }
    guard factors.contains(where: { $0 != 1 }) else { return mixer }
    mixer.factors = factors
    if mixer.hasBias, input != 1 {
      throw ModelError(
        .unsupported, field: configuration.name(of: .stateSpaceBias),
        "biases of what the state space reads, beside a factor on it")
    }
    return mixer
  }
}
