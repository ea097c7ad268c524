import ModelFiles

/// Baichuan: Llama's shape, with queries, keys and values in one matrix; in the 13B model scores fall with
/// distance and nothing rotates.
///
/// Baichuan Inc., "Baichuan 2: Open Large-scale Language Models", 2023.
enum Baichuan: Architecture {
  static let names = ["baichuan"]
  static let naming = TensorNaming.standard.with(["attn_qkv": "self_attn.W_pack"])

  /// Layers of the models whose scores fall with distance, which no key states.
  private static let layersWithoutRotation = 40
  /// The vocabulary of the second generation, whose head has rows of length 1.
  private static let vocabularyOfSecond = 125_696

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaults: [.contextLength: 4_096])
    guard sizes.vocabularySize != vocabularyOfSecond || !configuration.omitsDefaults else {
      throw ModelError(
        .unsupported, field: configuration.name(of: .vocabularySize),
        "heads whose rows are normalised, as Baichuan 2 has them, are not supported")
    }
    var layer = try Llama.layer(sizes, configuration)
    if sizes.layers == layersWithoutRotation {
      layer.attention?.rotary = nil
      layer.attention?.alibi = Alibi()
    }
    return sizes.spec(
      layers: Array(repeating: layer, count: sizes.layers), isTied: configuration.isTied ?? false)
  }
}
