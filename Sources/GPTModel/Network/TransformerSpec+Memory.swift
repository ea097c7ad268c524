package import Tensor

extension TransformerSpec {
  /// How each layer's page of the key-value cache is laid out, [L]; nil for layers without attention, and
  /// for those that attend to another's keys and values.
  package func cacheLayouts(_ format: CacheFormat) throws(TensorError) -> [PageLayout?] {
    try layers.map { layer throws(TensorError) in
      guard let attention = layer.attention, attention.source == nil else { return nil }
      return try PageLayout(
        keyValueHeads: attention.keyValueHeads, headLength: attention.headLength, format: format)
    }
  }

  /// Positions that a position sees, its own included, in the layer that sees most; nil where one sees all
  /// before it, or no layer has attention.
  package var window: Int? {
    let attentions = layers.compactMap(\.attention)
    let windows = attentions.compactMap(\.window)
    return windows.count == attentions.count ? windows.max() : nil
  }

  /// Bytes of a page of the key-value cache: `PageLayout.positions` positions of all layers.
  package func bytesPerPage(_ format: CacheFormat) throws(TensorError) -> Int {
    var bytes = 0
    for layout in try cacheLayouts(format).lazy.compactMap(\.self) {
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
