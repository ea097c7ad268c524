import ModelFiles
import Tensor

/// EXAONE 4: norms after blocks alone and of each head's queries and keys; larger ones have three layers
/// with a window to one without, which does not know positions.
///
/// LG AI Research, "EXAONE 4.0: Unified Large Language Models", 2025.
enum Exaone4: Architecture {
  static let names = ["exaone4"]
  static let naming = Olmo2.naming

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(configuration, defaultEpsilon: 1e-5)
    var sliding = sizes.layer(rotary: try configuration.rotary(headLength: sizes.headLength))
    sliding.placement = .post
    sliding.attention?.queryKeyNorm = QueryKeyNorm(extent: .head, norm: sizes.norm)
    sliding.feedForward?.activation = try configuration.activation(default: .silu)
    // Files of llama.cpp may leave out what it knows of the one large model.
    let window = sizes.layers == 64 && !configuration.omitsDefaults ? 4_096 : nil
    let windows = try configuration.windows(layers: sizes.layers, pattern: 4, default: window)
    var full = sliding
    let stated = try configuration.integerIfPresent(.slidingWindow, in: 0...16_777_216) ?? window
    if stated ?? 0 > 0 { full.attention?.rotary = nil }
    return sizes.spec(
      layers: windows.map { $0 == nil ? full : sliding.with(window: $0) },
      isTied: configuration.isTied ?? false)
  }
}
