/// The slot of one sequence's state.
///
/// It cannot be copied and `StatePool.takeBack` consumes it, so no slot can be given back twice.
package struct StateLease: ~Copyable {
  /// The slot; nil where no layer has a state.
  package fileprivate(set) var slot: Int32?

  /// Creates a lease of no slot.
  package init() {}
}

/// Hands out the slots of states, each to one sequence.
struct StatePool: Sendable {
  /// Slots there are; nil where no layer has a state.
  let count: Int?
  private var free: [Int32]

  /// Creates a pool of free slots.
  init(count: Int?) {
    self.count = count
    free = (0..<Int32(clamping: count ?? 0)).reversed()
  }

  /// Whether a sequence can be given a slot, or needs none.
  var hasRoom: Bool { count == nil || !free.isEmpty }

  /// Slots that nobody holds.
  var availableCount: Int { free.count }

  /// Gives a lease without a slot one, where layers have states and one is free.
  mutating func grow(_ lease: inout StateLease) {
    guard lease.slot == nil else { return }
    lease.slot = free.popLast()
  }

  /// Ends a lease.
  mutating func takeBack(_ lease: consuming StateLease) {
    if let slot = lease.slot { free.append(slot) }
  }

  /// Says what is wrong with the book-keeping, given the slots of all leases; nothing when it is sound.
  func checkInvariants(leases: [Int32?]) -> [String] {
    guard let count else {
      return leases.allSatisfy { $0 == nil } ? [] : ["a state is held that is not there"]
    }
    let held = leases.compactMap(\.self)
    var violations: [String] = []
    if held.count < leases.count { violations.append("a sequence runs without a state") }
    if Set(held + free).count != held.count + free.count {
      violations.append("a state is held twice, or free while it is held")
    }
    if held.count + free.count != count { violations.append("a state is lost") }
    return violations
  }
}
