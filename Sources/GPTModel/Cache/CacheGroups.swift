package import Tensor

/// How layers share the pages of the key-value cache.
///
/// A page keeps some positions of a few layers, each in a slot of its own. Layers of one window make up a
/// group, or several where they are more than a page has slots. A group has page tables of its own, from
/// which a sequence gives back the pages that the group's layers do not see any more. All pages are of one
/// size, so that any group can have any of them.
package struct CacheGroups: Sendable, Hashable {
  /// What a layer keeps.
  package struct Layer: Sendable, Hashable {
    /// How its part of a page is laid out.
    package let layout: PageLayout
    /// Positions that a position sees, its own included; nil for all before it.
    package let window: Int?

    /// Names both.
    package init(layout: PageLayout, window: Int?) {
      self.layout = layout
      self.window = window
    }
  }

  /// Where a layer keeps it.
  package struct Place: Sendable, Hashable {
    /// Whose tables name its pages.
    package let group: Int
    /// Its part of a page.
    package let slot: Int
  }

  /// Groups there are at most.
  package static let most = 8
  /// Windows that are told apart at most.
  static let mostWindows = 4

  /// The window of each group, the widest first; nil for all positions.
  package let windows: [Int?]
  /// Where each layer keeps its keys and values, [L]; nil for layers that keep none.
  package let places: [Place?]
  /// The bytes of each slot of a page.
  package let slotBytes: [Int]

  /// The bytes of a page.
  package var bytesPerPage: Int { slotBytes.reduce(0, +) }

  /// Arranges layers so that sequences that fill their context take the fewest bytes; where that changes
  /// nothing all layers are in one group.
  ///
  /// - Parameters:
  ///   - layers: What each layer keeps, [L]; together their pages have at most `Int.max` bytes.
  ///   - limits: The bounds of a step.
  ///   - contextLength: Positions that a sequence may have, C.
  package init(_ layers: [Layer?], limits: SchedulerLimits, contextLength: Int) {
    let kinds = Self.kinds(of: layers, contextLength: contextLength)
    let largest = kinds.map(\.layers.count).max() ?? 0
    var best = CacheGroups(layers, kinds: [Self.union(of: kinds)], slots: max(1, layers.count))
    var least = best.bytesPerSequence(limits, contextLength: contextLength)
    for slots in stride(from: largest, to: 0, by: -1) {
      let next = CacheGroups(layers, kinds: kinds, slots: slots)
      let bytes = next.bytesPerSequence(limits, contextLength: contextLength)
      guard next.windows.count <= Self.most, bytes < least else { continue }
      (best, least) = (next, bytes)
    }
    self = best
  }

  /// Has layers take turns with one slot: those that keep nothing beyond a step.
  package init(takingTurns layers: [Layer?]) {
    windows = [nil]
    places = layers.map { $0.map { _ in Place(group: 0, slot: 0) } }
    slotBytes = [layers.reduce(0) { max($0, $1?.layout.bytesPerPage ?? 0) }]
  }

  /// Layers of one window.
  private struct Kind {
    var window: Int?
    var layers: [Int]
  }

  /// The layers by their windows, the widest first. A window in which the context has room is none.
  private static func kinds(of layers: [Layer?], contextLength: Int) -> [Kind] {
    var indices: [Int?: [Int]] = [:]
    for (index, layer) in layers.enumerated() {
      guard let layer else { continue }
      let window = layer.window.flatMap { $0 < contextLength ? $0 : nil }
      indices[window, default: []].append(index)
    }
    var kinds = indices.map { Kind(window: $0.key, layers: $0.value) }
    kinds.sort { $0.window ?? .max > $1.window ?? .max }
    while kinds.count > mostWindows {
      let narrowest = kinds.removeLast()
      kinds[kinds.count - 1].layers += narrowest.layers
    }
    return kinds
  }

  private static func union(of kinds: [Kind]) -> Kind {
    Kind(window: kinds.first?.window, layers: kinds.flatMap(\.layers).sorted())
  }

  private init(_ layers: [Layer?], kinds: [Kind], slots: Int) {
    var windows: [Int?] = []
    var places = [Place?](repeating: nil, count: layers.count)
    var slotBytes: [Int] = []
    for kind in kinds {
      for (place, layer) in kind.layers.enumerated() {
        let slot = place % slots
        if slot == 0 { windows.append(kind.window) }
        if slot == slotBytes.count { slotBytes.append(0) }
        slotBytes[slot] = max(slotBytes[slot], layers[layer]?.layout.bytesPerPage ?? 0)
        places[layer] = Place(group: windows.count - 1, slot: slot)
      }
    }
    // Without any layer there is a group all the same, whose pages have no bytes.
    self.windows = windows.isEmpty ? [nil] : windows
    self.places = places
    self.slotBytes = slotBytes
  }

  /// Bytes that a sequence takes at most while it fills its context.
  private func bytesPerSequence(_ limits: SchedulerLimits, contextLength: Int) -> Int {
    var limits = limits
    (limits.windows, limits.pages) = (windows, .max)
    let (bytes, overflow) = limits.pagesHeld(from: 0, to: contextLength)
      .multipliedReportingOverflow(by: bytesPerPage)
    return overflow ? .max : bytes
  }
}
