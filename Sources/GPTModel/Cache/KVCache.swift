import Tensor

/// Keys and values of all running sequences, in pages.
///
/// Layout: [L, P] pages, each of one layer. A page number means the same page in every layer.
/// `@unchecked Sendable`: workers write disjoint positions, and a step's reads follow its writes.
final class KVCache: @unchecked Sendable {
  private let storage: Storage
  private let layout: PageLayout
  private let pages: Int
  private let processor: Processor

  /// Allocates the cache; its memory is touched only as pages are used.
  init(capacity: DecoderCapacity, processor: Processor) throws(TensorError) {
    layout = capacity.cacheLayout
    pages = capacity.limits.pages
    self.processor = processor
    storage = try Storage(byteCount: capacity.cacheBytes)
  }

  /// The pages of one layer.
  func pages(ofLayer layer: Int) -> LayerPages {
    LayerPages(
      base: storage.base.assumingMemoryBound(to: UInt8.self) + layer * pages * layout.bytesPerPage,
      stride: layout.bytesPerPage, layout: layout)
  }

  /// Writes one position of a layer: keys and values [G D].
  func write(
    keys: UnsafePointer<Float>, values: UnsafePointer<Float>, layer: Int, page: Int32,
    position: Int
  ) {
    let layerPages = pages(ofLayer: layer)
    for head in 0..<layout.keyValueHeads {
      layerPages.append(
        key: keys + head * layout.headLength, value: values + head * layout.headLength,
        head: head, at: (Int(page), position % PageLayout.positions), using: processor)
    }
  }
}
