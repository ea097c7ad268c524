/// The slot of one sequence's state.
///
/// It cannot be copied and `StatePool.takeBack` consumes it, so no slot can be given back twice.
package struct StateLease: ~Copyable {
  /// The slot; nil where no layer has a state.
  package fileprivate(set) var slot: Int32?

  /// Creates a lease of no slot.
  package init() {}
}

/// The copy of all states of a slot to another, before a step is computed.
package struct StateCopy: Sendable, Hashable {
  /// The slot that is read.
  package let source: Int32
  /// The slot that is written.
  package let target: Int32

  /// Names the slots.
  package init(source: Int32, target: Int32) {
    (self.source, self.target) = (source, target)
  }
}

/// Hands out the slots of states, and remembers which hold a snapshot: the state after the positions up to the
/// end of a known page.
///
/// A slot is free, held by one sequence, or a snapshot's. Snapshots give way to sequences and to newer ones,
/// first those whose page is not known any more, then the least recently used.
struct StatePool: Sendable {
  /// Slots there are; nil where no layer has a state.
  let count: Int?
  private var free: [Int32]
  /// The slot of the snapshot at the end of a page, and the page of the snapshot in a slot.
  private var slots: [PrefixIndex.Entry: Int32] = [:]
  private var entries: [Int32: PrefixIndex.Entry] = [:]
  private var snapshots: RecencyList

  /// Creates a pool of free slots.
  init(count: Int?) {
    self.count = count
    free = (0..<Int32(clamping: count ?? 0)).reversed()
    snapshots = RecencyList(count: count ?? 0)
  }

  /// Whether a sequence can be given a slot, or needs none.
  var hasRoom: Bool { count == nil || availableCount > 0 }

  /// Slots that no sequence holds.
  var availableCount: Int { free.count + snapshots.count }

  /// Snapshots there are.
  var snapshotCount: Int { snapshots.count }

  /// Whether there is a snapshot at the end of a page.
  func hasSnapshot(after entry: PrefixIndex.Entry) -> Bool { slots[entry] != nil }

  /// Gives a lease without a slot one, where layers have states and one can be had.
  ///
  /// - Parameters:
  ///   - entry: The page at whose end the sequence goes on; nil for one that starts anew.
  ///   - isKnown: Whether a page is known still.
  /// - Returns: The copy that has to be made; nil for none.
  mutating func grow(
    _ lease: inout StateLease, after entry: PrefixIndex.Entry?,
    isKnown: (PrefixIndex.Entry) -> Bool
  ) -> StateCopy? {
    guard lease.slot == nil else { return nil }
    guard let entry, let source = slots[entry] else {
      lease.slot = free.popLast() ?? evict(isKnown)
      return nil
    }
    // Counts as used last, so that it is the last to give way; then nothing is left to copy it to.
    snapshots.remove(source)
    snapshots.append(source)
    lease.slot = free.popLast() ?? evict(isKnown)
    return lease.slot == source ? nil : lease.slot.map { StateCopy(source: source, target: $0) }
  }

  /// Finds a slot for a snapshot at the end of a page, of which there is none.
  ///
  /// - Returns: The copy that has to be made; nil where sequences hold all slots, or there is one already.
  mutating func save(
    _ source: Int32, after entry: PrefixIndex.Entry, isKnown: (PrefixIndex.Entry) -> Bool
  ) -> StateCopy? {
    if let slot = slots[entry] {
      snapshots.remove(slot)
      snapshots.append(slot)
      return nil
    }
    guard let slot = free.popLast() ?? evict(isKnown) else { return nil }
    slots[entry] = slot
    entries[slot] = entry
    snapshots.append(slot)
    return StateCopy(source: source, target: slot)
  }

  /// Gives up the snapshot at the end of a page.
  mutating func forget(_ entry: PrefixIndex.Entry) {
    guard let slot = slots[entry] else { return }
    remove(slot)
    free.append(slot)
  }

  /// Ends a lease.
  mutating func takeBack(_ lease: consuming StateLease) {
    if let slot = lease.slot { free.append(slot) }
  }

  private mutating func evict(_ isKnown: (PrefixIndex.Entry) -> Bool) -> Int32? {
    let lost = snapshots.elements.first { slot in entries[slot].map { !isKnown($0) } ?? true }
    let victim = lost ?? snapshots.first
    if let victim { remove(victim) }
    return victim
  }

  private mutating func remove(_ slot: Int32) {
    if let entry = entries.removeValue(forKey: slot) { slots[entry] = nil }
    snapshots.remove(slot)
  }

  /// Says what is wrong with the book-keeping, given the slots of all leases; nothing when it is sound.
  func checkInvariants(leases: [Int32?]) -> [String] {
    guard let count else {
      return leases.allSatisfy { $0 == nil } ? [] : ["a state is held that is not there"]
    }
    let held = leases.compactMap(\.self)
    var violations: [String] = []
    if held.count < leases.count { violations.append("a sequence runs without a state") }
    let all = held + free + snapshots.elements
    if Set(all).count != all.count {
      violations.append("a state is held twice, or free while it is held")
    }
    if all.count != count { violations.append("a state is lost") }
    if Set(snapshots.elements) != Set(entries.keys) || entries.count != slots.count {
      violations.append("snapshots do not match their pages")
    }
    for (slot, entry) in entries where slots[entry] != slot {
      violations.append("a snapshot is not found by its page")
    }
    return violations
  }
}
