import Tokenizers

/// The cache pages of one sequence, in order of position.
///
/// It cannot be copied and `PagePool.takeBack` consumes it, so no page can be given back twice.
package struct PageLease: ~Copyable {
  /// Page numbers; positions 0 ..< B are in the first, the next B in the second. Those given back have
  /// none.
  package fileprivate(set) var pages: [Int32] = []
  /// Pages at the start that were given back, because no position to come sees them.
  package fileprivate(set) var givenBack = 0
  /// Pages at the start whose content the prefix index was told.
  fileprivate var indexed = 0
  /// What the index knows of the last of these; nil where there are none.
  fileprivate var parent: PrefixIndex.Entry?

  /// Stands for the number of a page that was given back.
  package static let none: Int32 = -1

  /// Creates a lease of no pages.
  package init() {}

  /// The pages that were not given back.
  package var held: ArraySlice<Int32> { pages[givenBack...] }
}

/// Hands out the pages of the key-value cache, and remembers what full pages hold.
///
/// A page is free, held by one or more leases, or kept: held by none, but found again by a prompt that
/// begins with the same tokens. Kept pages are given out anew when free ones run out, least recently
/// used first. A lease gives its pages back from the last to the first, and those before them, where it
/// gave them back already, count as used with them; so a page is always older than the one before it, and
/// no page is reused while one that follows it is still kept.
package struct PagePool {
  /// Pages there are, P.
  package let count: Int
  /// Positions in a page, B.
  package let positionsPerPage: Int
  private var free: [Int32]
  private var holders: [Int]
  private var kept: RecencyList
  private var index = PrefixIndex()

  /// Creates a pool of free pages.
  package init(count: Int, positionsPerPage: Int) {
    self.count = count
    self.positionsPerPage = positionsPerPage
    free = (0..<Int32(clamping: count)).reversed()
    holders = Array(repeating: 0, count: count)
    kept = RecencyList(count: count)
  }

  /// Pages that can be had: free, or kept for nobody in particular.
  package var availableCount: Int { free.count + kept.count }

  /// Adds pages until the lease has `target` of them; changes nothing when too few can be had.
  ///
  /// - Returns: Whether the lease now has at least `target` pages.
  package mutating func grow(_ lease: inout PageLease, to target: Int) -> Bool {
    let missing = target - lease.pages.count
    guard missing <= availableCount else { return false }
    for _ in 0..<max(0, missing) {
      guard let page = free.popLast() ?? evict() else { return false }
      holders[Int(page)] = 1
      lease.pages.append(page)
    }
    return true
  }

  /// The pages at the start of a prompt whose content is already there.
  package func match(
    _ tokens: [Token], attachments: [AttachmentPlace] = [], in namespace: CacheNamespace
  ) -> [Int32] {
    index.pages(of: tokens, attachments: attachments, length: positionsPerPage, in: namespace)
  }

  /// How many of some pages are kept, so that to hold them leaves fewer to be had.
  package func keptCount(of pages: ArraySlice<Int32>) -> Int {
    pages.count { holders[Int($0)] == 0 }
  }

  /// Gives an empty lease the pages at the start of a prompt whose content is already there.
  ///
  /// - Returns: Positions that need not be computed; always fewer than the prompt has.
  package mutating func adopt(
    _ tokens: [Token], attachments: [AttachmentPlace] = [], in namespace: CacheNamespace,
    into lease: inout PageLease
  ) -> Int {
    let found = index.pages(
      of: tokens, attachments: attachments, length: positionsPerPage, in: namespace)
    for page in found {
      if holders[Int(page)] == 0 { kept.remove(page) }
      holders[Int(page)] += 1
    }
    lease.pages = found
    lease.indexed = found.count
    lease.parent = found.last.flatMap { index.entry(of: $0) }
    return found.count * positionsPerPage
  }

  /// Makes the full pages among the positions computed so far known to other sequences.
  ///
  /// Where another sequence computed the same first, its page, which holds the same bits, takes the
  /// place of this one's. What follows a page that is not known any more stays unknown.
  package mutating func publish(
    _ lease: inout PageLease, tokens: [Token], attachments: [AttachmentPlace] = [],
    computed: Int, in namespace: CacheNamespace
  ) {
    while (lease.indexed + 1) * positionsPerPage <= computed, isContinued(lease) {
      let place = lease.indexed
      let own = lease.pages[place]
      let positions = (place * positionsPerPage)..<((place + 1) * positionsPerPage)
      let key = PrefixIndex.Key(
        namespace: namespace, parent: lease.parent, tokens: Array(tokens[positions]),
        attached: attachments.positions(in: positions))
      let shared = index.insert(own, for: key)
      if shared != own {
        if holders[Int(shared)] == 0 { kept.remove(shared) }
        holders[Int(shared)] += 1
        lease.pages[place] = shared
        release(own)
      }
      lease.indexed += 1
      lease.parent = index.entry(of: shared)
    }
  }

  /// Whether a lease's page will be made known once it is computed.
  package func willPublish(page: Int, of lease: borrowing PageLease) -> Bool {
    lease.indexed <= page && isContinued(lease)
  }

  /// Whether the next page of a lease that is not known yet is there, and follows one that is known.
  private func isContinued(_ lease: borrowing PageLease) -> Bool {
    guard lease.givenBack <= lease.indexed else { return false }
    return lease.parent.map { index.contains($0) } ?? (lease.indexed == 0)
  }

  /// Takes back the first pages of a lease, which its sequence does not see any more: so many of them with
  /// those that were given back before.
  package mutating func takeBack(first count: Int, of lease: inout PageLease) {
    guard count > lease.givenBack else { return }
    let first = lease.pages[lease.givenBack]
    for place in (lease.givenBack..<count).reversed() {
      release(lease.pages[place])
      lease.pages[place] = PageLease.none
    }
    lease.givenBack = count
    renew(before: first)
  }

  /// Ends a lease: its pages are free, or kept where their content is known.
  package mutating func takeBack(_ lease: consuming PageLease) {
    for page in lease.held.reversed() { release(page) }
    if let first = lease.held.first { renew(before: first) }
  }

  /// Has the kept pages that go before a page count as used last, each after those that follow it.
  private mutating func renew(before page: Int32) {
    var page = page
    while let parent = index.parent(of: page), index.contains(parent) {
      page = parent.page
      guard holders[Int(page)] == 0 else { continue }
      kept.remove(page)
      kept.append(page)
    }
  }

  private mutating func release(_ page: Int32) {
    holders[Int(page)] -= 1
    guard holders[Int(page)] == 0 else { return }
    if index.contains(page) { kept.append(page) } else { free.append(page) }
  }

  private mutating func evict() -> Int32? {
    guard let page = kept.popFirst() else { return nil }
    index.remove(page)
    return page
  }

  /// Says what is wrong with the book-keeping, given the pages of all leases; nothing when it is sound.
  package func checkInvariants(leases: [[Int32]]) -> [String] {
    var violations: [String] = []
    var counted = [Int](repeating: 0, count: count)
    for page in leases.joined() { counted[Int(page)] += 1 }
    if counted != holders { violations.append("holders do not match the leases") }
    let unheld = Set(free).union(kept.elements)
    if unheld.count != free.count + kept.count { violations.append("a page is free twice") }
    for page in 0..<count where (counted[page] == 0) != unheld.contains(Int32(page)) {
      violations.append("page \(page) is lost, or free while it is held")
    }
    for page in free where index.contains(page) { violations.append("page \(page) is known") }
    return violations + checkKept()
  }

  private func checkKept() -> [String] {
    var violations: [String] = []
    var older: Set<Int32> = []
    for page in kept.elements {
      older.insert(page)
      if !index.contains(page) { violations.append("page \(page) is kept and not known") }
      guard let parent = index.parent(of: page) else { continue }
      if !index.contains(parent) {
        violations.append("page \(page) is kept without the page before it")
      } else if older.contains(parent.page) {
        violations.append("page \(page) is kept longer than the page before it")
      }
    }
    return violations
  }
}
