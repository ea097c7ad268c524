package import Tensor

extension TransformerSpec {
  /// How each layer's page of the key-value cache is laid out, [L].
  package func cacheLayouts(_ format: CacheFormat) throws(TensorError) -> [PageLayout] {
    try layers.map { layer throws(TensorError) in
      try PageLayout(
        keyValueHeads: layer.attention.keyValueHeads, headLength: layer.attention.headLength,
        format: format)
    }
  }

  /// Positions that a position sees, its own included, in the layer that sees most; nil where one sees all
  /// before it.
  package var window: Int? {
    let windows = layers.compactMap(\.attention.window)
    return windows.count == layers.count ? windows.max() : nil
  }

  /// Bytes of a page of the key-value cache: `PageLayout.positions` positions of all layers.
  package func bytesPerPage(_ format: CacheFormat) throws(TensorError) -> Int {
    var bytes = 0
    for layout in try cacheLayouts(format) {
      let (sum, overflow) = bytes.addingReportingOverflow(layout.bytesPerPage)
      guard !overflow else {
        throw TensorError(
          .shape, "key-value cache", expected: "pages of at most \(Int.max) bytes",
          given: "\(layers.count) layers of \(layout.bytesPerPage)")
      }
      bytes = sum
    }
    return bytes
  }
}
