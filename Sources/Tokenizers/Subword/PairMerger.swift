/// Byte-pair encoding once a word has its first tokens: merges neighbours in order of priority.
///
/// As long as any two neighbours have a merge, the one of lowest rank is applied, the leftmost
/// first.
package struct PairMerger: Sendable {
  /// How many first tokens each token covers `[V]`.
  package let lengths: [Int32]
  /// The merges.
  package let merges: MergeTable

  /// Words of at most as many tokens are merged by scanning, which is faster while they are short.
  package static let longestScannedWord = 160
  /// The tokens at most that are merged together; only text without a break for as long is cut.
  package static let longestWord = 1 << 30

  /// A token of a word that is being merged, and its merge with the token that follows.
  struct Part {
    var token: Token
    var pair = MergeTable.Entry.none
  }

  /// Merges the workspace's parts and appends what they become.
  ///
  /// - Complexity: O(*n* log *n*)
  func merge(into tokens: inout [Token], using workspace: inout SubwordWorkspace) {
    guard workspace.parts.count <= workspace.longestScannedWord else {
      return mergeByQueue(into: &tokens, using: &workspace)
    }
    workspace.steps &+= merge(&workspace.parts)
    for part in workspace.parts { tokens.append(part.token) }
  }

  /// Merges by scanning all parts for each merge, and returns how many were looked at.
  private func merge(_ parts: inout [Part]) -> Int {
    var steps = 0
    for left in parts.indices.dropLast() {
      parts[left].pair = merges[parts[left].token, parts[left + 1].token]
    }
    while true {
      var best = MergeTable.Entry.none
      var left = 0
      for index in parts.indices where parts[index].pair < best {
        best = parts[index].pair
        left = index
      }
      steps &+= parts.count
      guard best < .none else { return steps }
      parts.remove(at: left + 1)
      parts[left] = Part(token: best.result)
      if left + 1 < parts.count {
        parts[left].pair = merges[best.result, parts[left + 1].token]
      }
      if left > 0 { parts[left - 1].pair = merges[parts[left - 1].token, best.result] }
    }
  }

  private func mergeByQueue(
    into tokens: inout [Token], using workspace: inout SubwordWorkspace
  ) {
    var queue = workspace.queue.take() ?? MergeQueue(ranks: merges.ranks)
    let before = queue.steps
    var rest = workspace.parts.map(\.token)[...]
    while !rest.isEmpty {
      queue.merge(rest.prefix(Self.longestWord), by: self, into: &tokens)
      rest = rest.dropFirst(Self.longestWord)
    }
    workspace.steps &+= queue.steps - before
    workspace.queue = queue
  }
}
