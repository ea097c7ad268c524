package import Tensor

extension TransformerSpec {
  /// How each layer's page of the key-value cache is laid out, [L]; nil for layers without attention, and
  /// for those that attend to another's keys and values.
  package func cacheLayouts(_ format: CacheFormat) throws(TensorError) -> [PageLayout?] {
    try layers.map { layer throws(TensorError) in
      guard let attention = layer.attention, attention.source == nil else { return nil }
      return try PageLayout(
        keyValueHeads: attention.keyValueHeads, headLength: attention.keptLength,
        latentLength: attention.latent?.keptValueLength, format: format)
    }
  }

  /// What each layer keeps in the key-value cache, [L], for itself and those that attend to it; nil for
  /// layers that keep nothing.
  package func cachedLayers(_ layouts: [PageLayout?]) -> [CacheGroups.Layer?] {
    layouts.enumerated().map { index, layout in
      guard let layout else { return nil }
      let readers = layers.indices.filter { layers[$0].attention?.source == index }
      let windows = ([index] + readers).map { layers[$0].attention?.reach }
      let seesAll = windows.contains(nil)
      return CacheGroups.Layer(
        layout: layout, window: seesAll ? nil : windows.compactMap(\.self).max())
    }
  }

  /// Bytes of `PageLayout.positions` positions of all layers in the key-value cache: of a page, where all
  /// layers are in one group; of the largest layer, where layers take turns with it.
  package func bytesPerPage(_ format: CacheFormat) throws(TensorError) -> Int {
    var bytes = 0
    for layout in try cacheLayouts(format).lazy.compactMap(\.self) {
      guard isCausal else {
        bytes = max(bytes, layout.bytesPerPage)
        continue
      }
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

extension AttentionSpec {
  /// Positions back to which a query sees at most, its own included; nil for all before it. The last position
  /// of a chunk sees all of it.
  fileprivate var reach: Int? { window ?? chunk }
}
