import Tokenizers

/// Whose cache pages a request may share: those of equal namespaces, and nobody's with `none`.
public enum CacheNamespace: Sendable, Hashable {
  /// Shares with requests of the same name, such as a client's key.
  case shared(String)
  /// Neither uses what others computed nor leaves anything for them.
  case none
}

/// Finds cache pages by what they hold: the tokens and attachments of the page, after those of the page
/// before it.
///
/// Where layers are in several groups, an entry has a page of each. Its page of the first group stands for
/// it, and those of other groups may be gone while the entry stays.
struct PrefixIndex: Sendable {
  /// What a page holds. The page before it stands for all tokens up to there.
  struct Key: Sendable, Hashable {
    let namespace: CacheNamespace
    let parent: Entry?
    let tokens: [Token]
    /// What some positions hold instead of their tokens.
    var attached: [AttachedPositions] = []
  }

  /// A page with the content that it had when it was noted.
  struct Entry: Sendable, Hashable {
    let page: Int32
    /// Counts up with each page that is noted.
    fileprivate let number: UInt64
  }

  private struct Known {
    let key: Key
    let entry: Entry
    /// Known pages that follow the page.
    var children: Set<Int32> = []
    /// The pages of the other groups, the second first; empty where there are none.
    var others: [Int32]
  }

  private let groups: Int
  private var pages: [Key: Entry] = [:]
  private var known: [Int32: Known] = [:]
  /// The entries of pages of other groups than the first, each by its page of the first.
  private var owners: [Int32: Int32] = [:]
  private var noted: UInt64 = 0

  /// Creates an empty index of pages for so many groups of layers.
  init(groups: Int) { self.groups = groups }

  /// Whether a page's content is known.
  func contains(_ page: Int32) -> Bool { known[page] != nil || owners[page] != nil }

  /// Whether a page's content is still the one that was noted.
  func contains(_ entry: Entry) -> Bool { known[entry.page]?.entry == entry }

  /// A page with its content; nil where that is not known.
  func entry(of page: Int32) -> Entry? { known[page]?.entry }

  /// The page that goes before a known page; nil for one that begins a prompt.
  func parent(of page: Int32) -> Entry? { known[page]?.key.parent }

  /// The page of a group that holds the same as a known page of the first; none where it is gone.
  func page(of first: Int32, in group: Int) -> Int32 {
    guard group > 0 else { return first }
    return known[first]?.others[group - 1] ?? PageLease.none
  }

  /// The pages of the first group that hold the start of a prompt, leaving at least one token out.
  func pages(
    of tokens: [Token], attachments: [AttachmentPlace], length: Int, in namespace: CacheNamespace
  ) -> [Int32] {
    guard namespace != .none else { return [] }
    var found: [Int32] = []
    var parent: Entry?
    while (found.count + 1) * length < tokens.count {
      let start = found.count * length
      let key = Key(
        namespace: namespace, parent: parent, tokens: Array(tokens[start..<(start + length)]),
        attached: attachments.positions(in: start..<(start + length)))
      guard let entry = pages[key] else { break }
      found.append(entry.page)
      parent = entry
    }
    return found
  }

  /// Notes what a page of the first group holds, which follows a known page or none, unless another page is
  /// known to hold the same.
  ///
  /// - Returns: The page that is known to hold it now.
  mutating func insert(_ page: Int32, for key: Key) -> Int32 {
    guard key.namespace != .none else { return page }
    if let known = pages[key] { return known.page }
    noted += 1
    let entry = Entry(page: page, number: noted)
    pages[key] = entry
    known[page] = Known(
      key: key, entry: entry, others: Array(repeating: PageLease.none, count: groups - 1))
    if let parent = key.parent { known[parent.page]?.children.insert(page) }
    return page
  }

  /// Notes a page of another group that holds the same as a known page of the first, unless another page
  /// of the group is known to.
  ///
  /// - Returns: The page that is known to hold it now.
  mutating func insert(_ page: Int32, in group: Int, besides first: Int32) -> Int32 {
    guard let place = known.index(forKey: first) else { return page }
    let shared = known.values[place].others[group - 1]
    guard shared == PageLease.none else { return shared }
    known.values[place].others[group - 1] = page
    owners[page] = first
    return page
  }

  /// Forgets a page. With one of the first group, what the entry has in other groups is forgotten, and the
  /// entries that follow it: nothing says any more what goes before them.
  ///
  /// - Returns: The pages of other groups that were forgotten beside it.
  mutating func remove(_ page: Int32) -> [Int32] {
    if let first = owners.removeValue(forKey: page) {
      if let group = known[first]?.others.firstIndex(of: page) {
        known[first]?.others[group] = PageLease.none
      }
      return []
    }
    if let parent = parent(of: page) { known[parent.page]?.children.remove(page) }
    var others: [Int32] = []
    var forgotten = [page]
    while let page = forgotten.popLast() {
      guard let old = known.removeValue(forKey: page) else { continue }
      pages[old.key] = nil
      forgotten += old.children
      others += old.others.filter { $0 != PageLease.none }
    }
    for page in others { owners[page] = nil }
    return others
  }

  /// Says what is wrong with the entries; nothing when they are sound.
  func checkInvariants() -> [String] {
    var violations: [String] = []
    var counted = 0
    for (page, entry) in known {
      for other in entry.others where other != PageLease.none {
        counted += 1
        if owners[other] != page { violations.append("page \(other) is not that of \(page)") }
      }
      if owners[page] != nil { violations.append("page \(page) is known in two groups") }
    }
    if counted != owners.count { violations.append("a page is known of an entry that is not") }
    return violations
  }
}
