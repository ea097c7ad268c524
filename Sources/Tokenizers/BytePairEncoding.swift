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

  /// Words of at most as many bytes are merged by scanning, which is faster while they are short.
  package static let longestScannedWord = 160
  /// The bytes at most that are merged together; only text without a break for a gibibyte is cut.
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

  /// A token of a word that is being merged, and its merge with the token that follows.
  fileprivate struct Part {
    var token: Token
    var pair = MergeTable.Entry.none
  }

  /// Memory for encoding that is kept from word to word.
  package struct Workspace {
    fileprivate var parts: [BytePairEncoding.Part] = []
    fileprivate var queue: MergeQueue?
    /// The bytes up to which words are merged by scanning.
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
    guard word.count <= workspace.longestScannedWord else {
      return mergeByQueue(word, into: &tokens, using: &workspace)
    }
    workspace.parts.removeAll(keepingCapacity: true)
    for byte in word {
      if let token = tokenOfByte[Int(byte)] { workspace.parts.append(Part(token: token)) }
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
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout Workspace
  ) {
    var queue = workspace.queue.take() ?? MergeQueue(ranks: merges.results.count)
    let before = queue.steps
    var rest = word
    while !rest.isEmpty {
      let part = rest.prefix(Self.longestWord)
      queue.merge(part.compactMap { tokenOfByte[Int($0)] }, by: self, into: &tokens)
      rest = rest.dropFirst(part.count)
    }
    workspace.steps &+= queue.steps - before
    workspace.queue = queue
  }
}
