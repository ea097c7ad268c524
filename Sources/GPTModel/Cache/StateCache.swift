import Tensor

/// The states of layers that have one, in slots: a running sequence has one, and each snapshot.
///
/// Layout: slot after slot, in each the states of all layers in order.
// Unchecked: workers write states of different sequences, or different parts of one.
final class StateCache: @unchecked Sendable {
  private let storage: Storage
  private let slots: Int
  /// Floats of a slot.
  private let stride: Int

  /// Allocates the slots; their memory is touched only as they are used.
  init(spec: TransformerSpec, slots: Int) throws(TensorError) {
    self.slots = slots
    let bytes = try Shape.product(slots, spec.bytesPerState, of: "states")
    stride = spec.bytesPerState / MemoryLayout<Float>.stride
    storage = try Storage(byteCount: bytes)
  }

  /// Where the states of a layer are, whose floats stand after so many of others in a slot.
  func states(after offset: Int) -> LayerStates {
    LayerStates(
      base: storage.base.assumingMemoryBound(to: Float.self) + offset, stride: stride,
      slots: slots)
  }

  /// Copies whole slots, in order.
  func copy(_ copies: [StateCopy]) {
    let base = storage.base.assumingMemoryBound(to: Float.self)
    for copy in copies {
      precondition(isSlot(copy.source) && isSlot(copy.target), "no such slot")
      (base + Int(copy.target) * stride).update(
        from: base + Int(copy.source) * stride, count: copy.source == copy.target ? 0 : stride)
    }
  }

  private func isSlot(_ slot: Int32) -> Bool { slot >= 0 && Int(slot) < slots }
}

/// The states of one layer.
// Unchecked: as the cache's.
struct LayerStates: @unchecked Sendable {
  fileprivate let base: UnsafeMutablePointer<Float>
  fileprivate let stride: Int
  fileprivate let slots: Int

  /// The layer's state in a slot.
  func state(_ slot: Int32) -> UnsafeMutablePointer<Float> {
    precondition(slot >= 0 && Int(slot) < slots, "no such slot")
    return base + Int(slot) * stride
  }
}
