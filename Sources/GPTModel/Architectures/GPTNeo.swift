import ModelFiles

/// GPT-Neo: GPT-2's shape with a window in every other layer, and scores that are not divided.
///
/// Black et al., "GPT-Neo: Large Scale Autoregressive Language Modeling with Mesh-Tensorflow", 2021.
enum GPTNeo: Architecture {
  static let names = ["gpt_neo"]
  static let naming = GPT2.layerNames.with([
    "attn_q": "attn.attention.q_proj", "attn_k": "attn.attention.k_proj",
    "attn_v": "attn.attention.v_proj", "attn_output": "attn.attention.out_proj",
  ])

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, .layerNorm(expansion: 4, defaults: [.contextLength: 2_048]))
    var spec = try GPT2.spec(configuration, sizes)
    let window = try configuration.integerIfPresent(.slidingWindow, in: 1...16_777_216) ?? 256
    let isLocal = try configuration.slidingLayers(count: sizes.layers)
    for index in spec.layers.indices {
      spec.layers[index].attention?.hasInputBias = false
      spec.layers[index].attention?.scale = 1
      if isLocal?[index] ?? !index.isMultiple(of: 2) {
        spec.layers[index].attention?.window = window
      }
    }
    return spec
  }
}
