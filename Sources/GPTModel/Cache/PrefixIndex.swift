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
  }

  private var pages: [Key: Entry] = [:]
  private var known: [Int32: Known] = [:]
  private var noted: UInt64 = 0

  /// Creates an empty index.
  init() {}

  /// Whether a page's content is known.
  func contains(_ page: Int32) -> Bool { known[page] != nil }

  /// Whether a page's content is still the one that was noted.
  func contains(_ entry: Entry) -> Bool { known[entry.page]?.entry == entry }

  /// A page with its content; nil where that is not known.
  func entry(of page: Int32) -> Entry? { known[page]?.entry }

  /// The page that goes before a known page; nil for one that begins a prompt.
  func parent(of page: Int32) -> Entry? { known[page]?.key.parent }

  /// The pages that hold the start of a prompt, leaving at least one token out.
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

  /// Notes what a page holds, which follows a known page or none, unless another page is known to hold the
  /// same.
  ///
  /// - Returns: The page that is known to hold it now.
  mutating func insert(_ page: Int32, for key: Key) -> Int32 {
    guard key.namespace != .none else { return page }
    if let known = pages[key] { return known.page }
    noted += 1
    let entry = Entry(page: page, number: noted)
    pages[key] = entry
    known[page] = Known(key: key, entry: entry)
    if let parent = key.parent { known[parent.page]?.children.insert(page) }
    return page
  }

  /// Forgets a page, and those that follow it: nothing says any more what goes before them.
  mutating func remove(_ page: Int32) {
    if let parent = parent(of: page) { known[parent.page]?.children.remove(page) }
    var forgotten = [page]
    while let page = forgotten.popLast() {
      guard let old = known.removeValue(forKey: page) else { continue }
      pages[old.key] = nil
      forgotten += old.children
    }
  }
}
