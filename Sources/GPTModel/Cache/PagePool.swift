import Tokenizers

/// The cache pages of one sequence, in order of position, for each group of layers.
///
/// It cannot be copied and `PagePool.takeBack` consumes it, so no page can be given back twice.
package struct PageLease: ~Copyable {
  /// Page numbers of each group, as many in each; positions 0 ..< B are in the first, the next B in the
  /// second. Those given back have none.
  package fileprivate(set) var tables: [[Int32]]
  /// Pages of each group at the start that were given back, because no position to come sees them.
  package fileprivate(set) var givenBack: [Int]
  /// Pages at the start whose content the prefix index was told.
  fileprivate var indexed = 0
  /// What the index knows of the last of these; nil where there are none.
  fileprivate var parent: PrefixIndex.Entry?

  /// Stands for the number of a page that was given back.
  package static let none: Int32 = -1

  /// Creates a lease of no pages for so many groups.
  package init(groups: Int) {
    tables = Array(repeating: [], count: groups)
    givenBack = Array(repeating: 0, count: groups)
  }

  /// Pages of each group, those included that were given back.
  package var places: Int { tables[0].count }

  /// How many pages were not given back.
  package var heldCount: Int {
    var count = 0
    for group in tables.indices { count += places - givenBack[group] }
    return count
  }

  /// The pages that were not given back, group after group.
  package var heldPages: [Int32] {
    tables.indices.flatMap { tables[$0][givenBack[$0]...] }
  }
}

/// Hands out the pages of the key-value cache, and remembers what full pages hold.
///
/// A page is free, held by one or more leases, or kept: held by none, but found again by a prompt that
/// begins with the same tokens. Kept pages are given out anew when free ones run out, least recently
/// used first. A lease gives its pages back from the last to the first, and those before them, where it
/// gave them back already, count as used with them; so a page of the first group is always older than the
/// one before it, and none is reused while one that follows it is still kept. A page of another group may
/// be reused while those before and after it are kept; one whose page of the first group goes is free.
package struct PagePool {
  private let limits: SchedulerLimits
  private var free: [Int32]
  private var holders: [Int]
  private var kept: RecencyList
  private var index: PrefixIndex

  private var positionsPerPage: Int { limits.positionsPerPage }
  private var groups: Range<Int> { limits.windows.indices }
  /// The groups whose pages may be gone while those of the first are there.
  private var otherGroups: Range<Int> { groups.dropFirst() }

  /// Creates a pool of free pages.
  package init(_ limits: SchedulerLimits) {
    self.limits = limits
    free = (0..<Int32(clamping: limits.pages)).reversed()
    holders = Array(repeating: 0, count: limits.pages)
    kept = RecencyList(count: limits.pages)
    index = PrefixIndex(groups: limits.windows.count)
  }

  /// Pages that can be had: free, or kept for nobody in particular.
  package var availableCount: Int { free.count + kept.count }

  /// Adds pages until the lease has `target` of them in each group; changes nothing when too few can be
  /// had.
  ///
  /// - Returns: Whether the lease now has at least `target` pages.
  package mutating func grow(_ lease: inout PageLease, to target: Int) -> Bool {
    let missing = max(0, target - lease.places)
    guard missing * groups.count <= availableCount else { return false }
    for _ in 0..<missing {
      for group in groups {
        guard let page = free.popLast() ?? evict() else { return false }
        holders[Int(page)] = 1
        lease.tables[group].append(page)
      }
    }
    return true
  }

  /// Takes back the pages at the end of a lease, so that it has `target` of them in each group; none of these
  /// may have been made known.
  package mutating func shrink(_ lease: inout PageLease, to target: Int) {
    while lease.places > target {
      for group in groups {
        guard let page = lease.tables[group].popLast() else { return }
        release(page)
      }
    }
  }

  /// The pages of the first group at the start of a prompt whose content is already there, with all that
  /// the position after them sees in any group.
  package func match(
    _ tokens: [Token], attachments: [AttachmentPlace] = [], in namespace: CacheNamespace
  ) -> [Int32] {
    var found = index.pages(
      of: tokens, attachments: attachments, length: positionsPerPage, in: namespace)
    if groups.count > 1 { found.removeLast(found.count - usableCount(of: found)) }
    return found
  }

  /// How many pages at the start of a chain a prompt can use: the most after which no page is gone that
  /// the next position sees.
  private func usableCount(of found: [Int32]) -> Int {
    var usable = 0
    // For each group, the pages up to the last that is gone.
    var gone = [Int](repeating: 0, count: groups.count)
    for (place, page) in found.enumerated() {
      let next = (place + 1) * positionsPerPage
      var seesAll = true
      for group in otherGroups {
        if index.page(of: page, in: group) == PageLease.none { gone[group] = place + 1 }
        if gone[group] > limits.hiddenPages(from: next, in: group) { seesAll = false }
      }
      if seesAll { usable = place + 1 }
    }
    return usable
  }

  /// How many pages the position after some that were found sees, and how many of these are kept, so that
  /// to hold them leaves fewer to be had.
  package func seen(after found: [Int32]) -> (count: Int, kept: Int) {
    var (count, kept) = (0, 0)
    for group in groups {
      let hidden = limits.hiddenPages(from: found.count * positionsPerPage, in: group)
      for first in found[hidden...] {
        count += 1
        if holders[Int(index.page(of: first, in: group))] == 0 { kept += 1 }
      }
    }
    return (count, kept)
  }

  /// Gives an empty lease the pages at the start of a prompt whose content is already there.
  ///
  /// - Returns: Positions that need not be computed; always fewer than the prompt has.
  package mutating func adopt(
    _ tokens: [Token], attachments: [AttachmentPlace] = [], in namespace: CacheNamespace,
    into lease: inout PageLease
  ) -> Int {
    let found = match(tokens, attachments: attachments, in: namespace)
    let start = found.count * positionsPerPage
    for page in found { hold(page) }
    lease.tables[0] = found
    for group in otherGroups {
      let hidden = limits.hiddenPages(from: start, in: group)
      var table = [Int32](repeating: PageLease.none, count: hidden)
      for first in found[hidden...] { table.append(index.page(of: first, in: group)) }
      for page in table[hidden...] { hold(page) }
      lease.tables[group] = table
      lease.givenBack[group] = hidden
    }
    lease.indexed = found.count
    lease.parent = found.last.flatMap { index.entry(of: $0) }
    return start
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
      let positions = (place * positionsPerPage)..<((place + 1) * positionsPerPage)
      let key = PrefixIndex.Key(
        namespace: namespace, parent: lease.parent, tokens: Array(tokens[positions]),
        attached: attachments.positions(in: positions))
      let first = index.insert(lease.tables[0][place], for: key)
      exchange(place, of: &lease, in: 0, for: first)
      for group in otherGroups where lease.givenBack[group] <= place {
        let page = index.insert(lease.tables[group][place], in: group, besides: first)
        exchange(place, of: &lease, in: group, for: page)
      }
      lease.indexed += 1
      lease.parent = index.entry(of: first)
    }
  }

  /// Has a lease hold a page instead of its own that holds the same, unless it is its own.
  private mutating func exchange(
    _ place: Int, of lease: inout PageLease, in group: Int, for shared: Int32
  ) {
    let own = lease.tables[group][place]
    guard shared != own else { return }
    hold(shared)
    lease.tables[group][place] = shared
    release(own)
  }

  /// The page of a lease that will be made known next, once it is computed; nil when none will.
  package func nextPublished(of lease: borrowing PageLease) -> Int? {
    isContinued(lease) ? lease.indexed : nil
  }

  /// What the index knows of a page; nil where it does not know it.
  func entry(of page: Int32) -> PrefixIndex.Entry? { index.entry(of: page) }

  /// Whether a page's content is still the one that was noted.
  func isKnown(_ entry: PrefixIndex.Entry) -> Bool { index.contains(entry) }

  /// Pages at the start of a lease that the index was told.
  func knownPages(of lease: borrowing PageLease) -> Int { lease.indexed }

  /// What the index knows of the last of these; nil where there are none.
  func lastKnown(of lease: borrowing PageLease) -> PrefixIndex.Entry? { lease.parent }

  /// Whether the next page of a lease that is not known yet is there, and follows one that is known.
  private func isContinued(_ lease: borrowing PageLease) -> Bool {
    guard lease.givenBack[0] <= lease.indexed else { return false }
    return lease.parent.map { index.contains($0) } ?? (lease.indexed == 0)
  }

  /// Takes back the pages at the start of a lease that no position from `position` on sees.
  package mutating func takeBackHidden(from position: Int, of lease: inout PageLease) {
    for group in groups {
      let hidden = limits.hiddenPages(from: position, in: group)
      takeBack(first: hidden, of: &lease, in: group)
    }
  }

  /// Takes back the first pages of a lease in a group: so many of them with those that were given back
  /// before.
  private mutating func takeBack(first count: Int, of lease: inout PageLease, in group: Int) {
    guard count > lease.givenBack[group] else { return }
    let first = lease.tables[group][lease.givenBack[group]]
    for place in (lease.givenBack[group]..<count).reversed() {
      release(lease.tables[group][place])
      lease.tables[group][place] = PageLease.none
    }
    lease.givenBack[group] = count
    if group == 0 { renew(before: first) }
  }

  /// Ends a lease: its pages are free, or kept where their content is known.
  package mutating func takeBack(_ lease: consuming PageLease) {
    for group in groups {
      let held = lease.tables[group][lease.givenBack[group]...]
      for page in held.reversed() { release(page) }
      if group == 0, let first = held.first { renew(before: first) }
    }
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

  private mutating func hold(_ page: Int32) {
    if holders[Int(page)] == 0 { kept.remove(page) }
    holders[Int(page)] += 1
  }

  private mutating func release(_ page: Int32) {
    holders[Int(page)] -= 1
    guard holders[Int(page)] == 0 else { return }
    if index.contains(page) { kept.append(page) } else { free.append(page) }
  }

  private mutating func evict() -> Int32? {
    guard let page = kept.popFirst() else { return nil }
    for other in index.remove(page) where holders[Int(other)] == 0 {
      kept.remove(other)
      free.append(other)
    }
    return page
  }

  /// Says what is wrong with the book-keeping, given the pages of all leases; nothing when it is sound.
  package func checkInvariants(leases: [[Int32]]) -> [String] {
    var violations: [String] = []
    var counted = [Int](repeating: 0, count: limits.pages)
    for page in leases.joined() { counted[Int(page)] += 1 }
    if counted != holders { violations.append("holders do not match the leases") }
    let unheld = Set(free).union(kept.elements)
    if unheld.count != free.count + kept.count { violations.append("a page is free twice") }
    for page in 0..<limits.pages where (counted[page] == 0) != unheld.contains(Int32(page)) {
      violations.append("page \(page) is lost, or free while it is held")
    }
    for page in free where index.contains(page) { violations.append("page \(page) is known") }
    return violations + checkKept() + index.checkInvariants()
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
