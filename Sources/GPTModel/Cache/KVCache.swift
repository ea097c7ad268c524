import Tensor

/// Keys and values of all running sequences, in pages.
///
/// Layout: the pages of the first layer, [P], then those of the next; a page number means the same page
/// in every layer. Layers may differ in heads and head length, and those without attention have none.
// Unchecked: workers write disjoint positions, and a step's reads follow its writes.
final class KVCache: @unchecked Sendable {
  private let storage: Storage
  private let layers: [LayerPages?]
  private let processor: Processor

  /// Allocates the cache; its memory is touched only as pages are used.
  init(capacity: DecoderCapacity, processor: Processor) throws(TensorError) {
    self.processor = processor
    storage = try Storage(byteCount: capacity.cacheBytes)
    var base = storage.base.assumingMemoryBound(to: UInt8.self)
    var layers: [LayerPages?] = []
    for layout in capacity.cacheLayouts {
      guard let layout else {
        layers.append(nil)
        continue
      }
      layers.append(LayerPages(base: base, stride: layout.bytesPerPage, layout: layout))
      base += capacity.limits.pages * layout.bytesPerPage
    }
    self.layers = layers
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
