import ModelFiles
import Tensor

/// SmolLM 3: Llama's shape, where every fourth layer does not know positions.
///
/// Bakouch et al., "SmolLM3: smol, multilingual, long-context reasoner", 2025.
enum SmolLM3: Architecture {
  static let names = ["smollm3"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try DecoderSizes(
      configuration, defaults: [.keyValueHeads: 4], defaultEpsilon: 1e-6)
    let layer = try Llama.layer(sizes, configuration, base: 2_000_000)
    let interval = try configuration.integerIfPresent(.rotaryInterval, in: 1...1024) ?? 4
    let rotates =
      try configuration.integersIfPresent(.rotaryLayers, count: sizes.layers, in: 0...1)
      ?? (1...sizes.layers).map { $0.isMultiple(of: interval) ? 0 : 1 }
    var windows = [Int?](repeating: nil, count: sizes.layers)
    if try configuration.flagIfPresent(.usesSlidingWindow) ?? false {
      let all = try configuration.windows(layers: sizes.layers)
      let isListed = try configuration.slidingLayers(count: sizes.layers) != nil
      windows = zip(all, rotates).map { isListed || $1 == 0 ? $0 : nil }
    }
    let layers = zip(windows, rotates).map { window, rotates in
      var layer = layer.with(window: window)
      if rotates == 0 { layer.attention?.rotary = nil }
      return layer
    }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? true)
  }
}
