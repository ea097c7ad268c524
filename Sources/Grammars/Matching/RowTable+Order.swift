// Rows are numbered in the order in which answers come to them. What is kept of too many items must not
// depend on that.
extension RowTable {
  /// The item that needs the fewest rules; of several the same one in every run.
  func nearest(_ items: [Item]) -> Item? {
    sorted(items).min { left, right in
      let (first, second) = (
        rules.states[Int(left.state)].rank, rules.states[Int(right.state)].rank
      )
      return first != second ? first < second : depth(of: left) < depth(of: right)
    }
  }

  private func depth(of item: Item) -> Int32 {
    item.origin < 0 ? 0 : rows[Int(item.origin)].depth + 1
  }

  /// Items in an order that does not depend on when their rows were found.
  func sorted(_ items: [Item]) -> [Item] {
    if items.count < 2 { return items }
    let keys = items.map { $0.origin < 0 ? 0 : rows[Int($0.origin)].fingerprint }
    return items.indices.sorted { left, right in
      let (one, two) = (items[left], items[right])
      if keys[left] != keys[right] { return keys[left] < keys[right] }
      return (one.origin, one.rule, one.state, one.count, one.seen)
        < (two.origin, two.rule, two.state, two.count, two.seen)
    }.map { items[$0] }
  }

  /// What tells rows apart by their items, whatever the order in which rows were found.
  func fingerprint(of kernel: [Item], isTight: Bool) -> UInt64 {
    var hash: UInt64 = isTight ? 0x9E37_79B9_7F4A_7C15 : 0xBF58_476D_1CE4_E5B9
    for item in kernel {
      let origin = item.origin < 0 ? 0 : rows[Int(item.origin)].fingerprint
      for word in [
        UInt64(truncatingIfNeeded: item.state), UInt64(truncatingIfNeeded: item.count),
        UInt64(truncatingIfNeeded: item.rule), origin,
      ] {
        hash = (hash ^ word) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 29
      }
    }
    return hash
  }
}
