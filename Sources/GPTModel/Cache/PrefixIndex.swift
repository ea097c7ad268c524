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
    let parent: Int32?
    let tokens: [Token]
    /// What some positions hold instead of their tokens.
    var attached: [AttachedPositions] = []
  }

  private var pages: [Key: Int32] = [:]
  private var keys: [Int32: Key] = [:]

  /// Creates an empty index.
  init() {}

  /// Whether a page's content is known.
  func contains(_ page: Int32) -> Bool { keys[page] != nil }

  /// The page that goes before a known page; nil for one that begins a prompt.
  func parent(of page: Int32) -> Int32? { keys[page]?.parent }

  /// The pages that hold the start of a prompt, leaving at least one token out.
  func pages(
    of tokens: [Token], attachments: [AttachmentPlace], length: Int, in namespace: CacheNamespace
  ) -> [Int32] {
    guard namespace != .none else { return [] }
    var found: [Int32] = []
    while (found.count + 1) * length < tokens.count {
      let start = found.count * length
      let key = Key(
        namespace: namespace, parent: found.last, tokens: Array(tokens[start..<(start + length)]),
        attached: attachments.positions(in: start..<(start + length)))
      guard let page = pages[key] else { break }
      found.append(page)
    }
    return found
  }

  /// Notes what a page holds, unless another page is known to hold the same.
  ///
  /// - Returns: The page that is known to hold it now.
  mutating func insert(_ page: Int32, for key: Key) -> Int32 {
    guard key.namespace != .none else { return page }
    if let known = pages[key] { return known }
    pages[key] = page
    keys[page] = key
    return page
  }

  /// Forgets a page.
  mutating func remove(_ page: Int32) {
    if let key = keys.removeValue(forKey: page) { pages[key] = nil }
  }
}
