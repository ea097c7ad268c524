/// Byte-pair encoding: turns a word into tokens by merging adjacent tokens in order of priority.
///
/// A word begins as one token per byte; as long as any two neighbours have a merge, the one of
/// lowest rank is applied, the leftmost first.
package struct BytePairEncoding: Sendable {
  /// How a word's tokens begin: the token of each byte `[256]`, or nil to leave the byte out.
  private let tokenOfByte: [Token?]
  /// How many bytes each token covers `[V]`.
  package let lengths: [Int32]
  /// The merges.
  package let merges: MergeTable

  /// The words up to this many tokens that are merged by scanning rather than with a queue.
  package static let longestScannedWord = 160
  /// The tokens at most that are merged together; only text without a break for a gibibyte is cut.
  package static let longestWord = 1 << 30

  /// Creates the encoding of a vocabulary.
  package init(_ vocabulary: Vocabulary) {
    let unknown = vocabulary.kinds.firstIndex(of: .unknown)
    var tokenOfByte = [Token?](repeating: unknown.map { Token($0) }, count: 256)
    var lengths = [Int32](repeating: 1, count: vocabulary.count)
    for (token, kind) in vocabulary.kinds.enumerated() where kind == .normal {
      let bytes = vocabulary.texts[token]
      lengths[token] = Int32(bytes.count)
      if bytes.count == 1, let byte = bytes.first { tokenOfByte[Int(byte)] = Token(token) }
    }
    self.tokenOfByte = tokenOfByte
    self.lengths = lengths
    merges = MergeTable(vocabulary.merges)
  }

  /// Memory for encoding that is kept from word to word.
  package struct Workspace {
    fileprivate var symbols: [Token] = []
    fileprivate var pairs: [MergeTable.Entry] = []
    fileprivate var queue: MergeQueue?
    /// The tokens up to which words are merged by scanning.
    package var longestScannedWord = BytePairEncoding.longestScannedWord
    /// Units of work so far: neighbours looked at, and steps of the queue.
    package fileprivate(set) var steps = 0

    /// Creates an empty workspace.
    package init() {}
  }

  /// Appends the tokens of a word.
  ///
  /// - Parameter word: The word's bytes.
  /// - Complexity: O(*n* log *n*)
  package func encode(
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout Workspace
  ) {
    workspace.symbols.removeAll(keepingCapacity: true)
    for byte in word {
      if let token = tokenOfByte[Int(byte)] { workspace.symbols.append(token) }
    }
    if workspace.symbols.count <= workspace.longestScannedWord {
      mergeByScanning(&workspace)
      tokens += workspace.symbols
    } else {
      mergeByQueue(into: &tokens, using: &workspace)
    }
  }

  private func mergeByScanning(_ workspace: inout Workspace) {
    guard workspace.symbols.count > 1 else { return }
    workspace.pairs.removeAll(keepingCapacity: true)
    for index in 1..<workspace.symbols.count {
      workspace.pairs.append(merges[workspace.symbols[index - 1], workspace.symbols[index]])
    }
    while true {
      var best = MergeTable.Entry.none
      var left = 0
      for (index, pair) in workspace.pairs.enumerated() where pair < best {
        best = pair
        left = index
      }
      workspace.steps &+= workspace.pairs.count
      guard best < .none else { return }
      apply(best, at: left, in: &workspace)
    }
  }

  /// Makes one token of those at `left` and after it.
  private func apply(
    _ merge: MergeTable.Entry, at left: Int, in workspace: inout Workspace
  ) {
    workspace.symbols[left] = merge.result
    workspace.symbols.remove(at: left + 1)
    workspace.pairs.remove(at: left)
    if left > 0 {
      workspace.pairs[left - 1] = merges[workspace.symbols[left - 1], merge.result]
    }
    if left < workspace.pairs.count {
      workspace.pairs[left] = merges[merge.result, workspace.symbols[left + 1]]
    }
  }

  private func mergeByQueue(into tokens: inout [Token], using workspace: inout Workspace) {
    var queue = workspace.queue.take() ?? MergeQueue(ranks: merges.results.count)
    let before = queue.steps
    var rest = workspace.symbols[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.longestWord)
      queue.merge(part, by: self, into: &tokens)
      rest = rest.dropFirst(part.count)
    }
    workspace.steps &+= queue.steps - before
    workspace.queue = queue
  }
}
