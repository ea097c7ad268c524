import ModelFiles

/// Command R7B and Command A: Command-R's shape, where three of four layers have a window and turn their
/// heads, and the fourth does neither.
///
/// Cohere, "Command A: An Enterprise-Ready Large Language Model", 2025.
enum Cohere2: Architecture {
  static let names = ["cohere2"]

  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec {
    let sizes = try Cohere.sizes(configuration)
    let sliding = try Cohere.layer(sizes, configuration)
    var full = sliding
    full.attention?.rotary = nil
    let windows = try configuration.windows(layers: sizes.layers, pattern: 4, default: 4_096)
    let layers = windows.map { $0 == nil ? full : sliding.with(window: $0) }
    return try Cohere.spec(configuration, sizes, layers)
  }
}
