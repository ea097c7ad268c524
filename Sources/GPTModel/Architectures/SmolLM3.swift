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
    let rotates = try rotatingLayers(configuration, sizes.layers)
    var windows = [Int?](repeating: nil, count: sizes.layers)
    if try configuration.flagIfPresent(.usesSlidingWindow) ?? false {
      let all = try configuration.windows(layers: sizes.layers)
      let isListed = try configuration.slidingLayers(count: sizes.layers) != nil
      windows = zip(all, rotates).map { isListed || !$1 ? $0 : nil }
    }
    let layers = zip(windows, rotates).map { window, rotates in
      var layer = layer.with(window: window)
      if !rotates { layer.attention?.rotary = nil }
      return layer
    }
    return sizes.spec(layers: layers, isTied: configuration.isTied ?? true)
  }

  /// Which layers rotate, [L]: those that are listed, or all but every so many.
  static func rotatingLayers(
    _ configuration: any ModelConfiguration, _ layers: Int
  ) throws(ModelError) -> [Bool] {
    let interval = try configuration.integerIfPresent(.rotaryInterval, in: 1...1024) ?? 4
    let listed = try configuration.integersIfPresent(.rotaryLayers, count: layers, in: 0...1)
    return listed?.map { $0 == 1 } ?? (1...layers).map { !$0.isMultiple(of: interval) }
  }
}
