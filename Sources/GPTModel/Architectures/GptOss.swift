import ModelFiles
import Tensor

/// gpt-oss: a sink for each head, a window in every other layer, biases everywhere, experts with bounded
/// gates in all layers.
///
/// OpenAI, "gpt-oss-120b & gpt-oss-20b Model Card", 2025.
enum GptOss: Architecture {
  static let names = ["gpt_oss", "gpt-oss"]
  static let naming = {
    var naming = TensorNaming.standard.with([
      "attn_sinks": "self_attn.sinks", "ffn_gate_inp": "mlp.router",
    ]).with(inGGUF: ["ffn_norm": "post_attention_norm"])
    naming.aliases["mlp.experts.gate_up_proj_bias"] = "ffn_gate_up_exps.bias"
    naming.aliases["mlp.experts.down_proj_bias"] = "ffn_down_exps.bias"
    naming.transposed = ["ffn_gate_up_exps", "ffn_down_exps"]
    naming.alternating = ["ffn_gate_up_exps"]
    return naming
  }()

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration,
      DecoderSizes.Rules(
        defaults: [
          .headLength: 64, .keyValueHeads: 8, .feedForwardWidth: 2_880, .contextLength: 131_072,
        ], epsilon: 1e-5, readsExperts: true))
    var layer = sizes.layer(rotary: try rotary(configuration, sizes))
    let hasBias = try configuration.flagIfPresent(.attentionBias) ?? true
    layer.attention?.hasInputBias = hasBias
    layer.attention?.hasOutputBias = hasBias
    layer.attention?.hasSinks = true
    let windows = try configuration.windows(layers: sizes.layers, pattern: 2, default: 128)
    var spec = sizes.spec(
      layers: windows.map { layer.with(window: $0) }, isTied: configuration.isTied ?? false)
    spec.add(try experts(configuration, sizes), where: spec.layers.map { _ in true })
    return spec
  }

  /// The angles; those between which YaRN changes them are not rounded to whole pairs, which files of
  /// llama.cpp do not say.
  private static func rotary(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> RotarySpec {
    var rotary = try configuration.rotary(headLength: sizes.headLength, base: 150_000)
    if case .yarn(var figures) = rotary.scaling, !configuration.omitsDefaults {
      figures.roundsBounds = false
      rotary.scaling = .yarn(figures)
    }
    return rotary
  }

  private static func experts(
    _ configuration: any ModelConfiguration, _ sizes: DecoderSizes
  ) throws(ModelError) -> ExpertsSpec {
    var experts = try sizes.experts(
      configuration,
      DecoderSizes.ExpertRules(
        defaults: [.experts: 128, .expertsUsed: 4], score: .logit, weight: .softmax))
    experts.hasRouterBias = true
    experts.network.hasBias = true
    experts.network.boundedGate = BoundedGate(
      limit: Float(try configuration.factor(.gateLimit, default: 7)),
      slope: Float(try configuration.factor(.gateSlope, default: 1.702)))
    return experts
  }
}
