import Synchronization

/// An atomic value with cache lines of its own, so that its neighbours' traffic does not slow it.
struct PaddedAtomic<Value: AtomicRepresentable>: ~Copyable {
  // 128 bytes on either side: processors fetch lines in pairs.
  private let before: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = Self.zeros
  private let more: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = Self.zeros
  let value: Atomic<Value>
  private let after: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = Self.zeros
  private let last: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = Self.zeros

  private static var zeros: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
    (0, 0, 0, 0, 0, 0, 0, 0)
  }

  init(_ value: consuming Value) {
    self.value = Atomic(value)
  }
}
