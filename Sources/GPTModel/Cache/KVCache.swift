import Tensor

/// Keys and values of all running sequences, in pages.
///
/// Layout: the first slot of all pages, [P], then the next. With one group of layers each layer has a slot;
/// with several, a layer of each group uses a slot, and its pages are those that the tables of its group
/// name. Layers may differ in heads and head length, and those without attention have none.
// Unchecked: workers write disjoint positions, and a step's reads follow its writes.
final class KVCache: @unchecked Sendable {
  private let storage: Storage
  private let layers: [LayerPages?]
  private let processor: Processor

  /// Allocates the cache; its memory is touched only as pages are used. Layers that keep nothing beyond a
  /// step take turns with the same.
  init(capacity: DecoderCapacity, processor: Processor) throws(TensorError) {
    self.processor = processor
    storage = try Storage(byteCount: capacity.cacheBytes)
    let groups = capacity.cacheGroups
    var base = storage.base.assumingMemoryBound(to: UInt8.self)
    var slots: [UnsafeMutablePointer<UInt8>] = []
    for bytes in groups.slotBytes {
      slots.append(base)
      base += capacity.limits.pages * bytes
    }
    layers = zip(capacity.cacheLayouts, groups.places).map { layout, place in
      guard let layout, let place else { return nil }
      return LayerPages(
        base: slots[place.slot], stride: groups.slotBytes[place.slot], layout: layout)
    }
  }

  /// The pages of one layer; nil where it has no attention.
  func pages(ofLayer layer: Int) -> LayerPages? { layers[layer] }

  /// Writes one position into pages of a layer: keys and values [G D].
  func write(
    keys: UnsafePointer<Float>, values: UnsafePointer<Float>, to pages: LayerPages, page: Int32,
    position: Int
  ) {
    let layout = pages.layout
    for head in 0..<layout.keyValueHeads {
      pages.append(
        key: keys + head * layout.headLength, value: values + head * layout.headLength,
        head: head, at: (Int(page), position % PageLayout.positions), using: processor)
    }
  }
}
