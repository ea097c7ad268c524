/// The cache pages of one sequence, in order of position.
///
/// It cannot be copied and `PagePool.takeBack` consumes it, so no page can be freed twice.
package struct PageLease: ~Copyable {
  /// Page numbers; positions 0 ..< B are in the first, the next B in the second.
  package fileprivate(set) var pages: [Int32] = []

  /// Creates a lease of no pages.
  package init() {}
}

/// Hands out the pages of the key-value cache.
package struct PagePool {
  /// Pages there are, P.
  package let count: Int
  private var free: [Int32]

  /// Creates a pool of free pages.
  ///
  /// - Parameter count: Pages, P.
  package init(count: Int) {
    self.count = count
    free = (0..<Int32(clamping: count)).reversed()
  }

  /// Pages that nobody holds.
  package var freeCount: Int { free.count }

  /// Adds pages until the lease has `target` of them; changes nothing when too few are free.
  ///
  /// - Returns: Whether the lease now has at least `target` pages.
  package mutating func grow(_ lease: inout PageLease, to target: Int) -> Bool {
    let missing = target - lease.pages.count
    guard missing <= free.count else { return false }
    for _ in 0..<max(0, missing) { lease.pages.append(free.removeLast()) }
    return true
  }

  /// Returns all pages of a lease to the pool.
  package mutating func takeBack(_ lease: consuming PageLease) {
    free.append(contentsOf: lease.pages.reversed())
  }

  /// Says what is wrong with the book-keeping, given all pages that leases hold; nothing when it is sound.
  package func checkInvariants(leased: [Int32]) -> [String] {
    var holders = [Int](repeating: 0, count: count)
    var violations: [String] = []
    for page in leased + free {
      guard holders.indices.contains(Int(page)) else {
        violations.append("page \(page) does not exist")
        continue
      }
      holders[Int(page)] += 1
    }
    for (page, holders) in holders.enumerated() where holders != 1 {
      violations.append("page \(page) has \(holders) holders instead of one")
    }
    return violations
  }
}
