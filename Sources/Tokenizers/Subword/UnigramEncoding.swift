/// What a vocabulary of Unigram states beside its pieces.
struct UnigramRules: Sendable {
  /// What an unknown character costs more than the least likely piece.
  private static let unknownPenalty = 10.0

  /// The logarithm of how likely each piece is `[V]`.
  let scores: [Double]
  /// Whether an unknown character becomes the tokens of its bytes.
  let fallsBackToBytes: Bool

  /// The score of a character that no piece is.
  func unknownScore(_ kinds: [TokenKind]) -> Double {
    let normal = kinds.indices.filter { kinds[$0] == .normal }
    return (normal.map { scores[$0] }.min() ?? 0) - Self.unknownPenalty
  }
}

/// The likeliest way to put a word together of pieces (Kudo, 2018), found by Viterbi's algorithm.
struct UnigramEncoding: SubwordModel {
  /// The bytes that a piece may have, so that a word takes time in proportion to its length.
  static let longestPiece = 512

  private let trie: PrefixTrie
  private let scores: [Double]
  private let unknownScore: Double
  private let unknown: Token?
  /// The token of each byte `[256]`; empty where there are none.
  private let bytes: [Token]

  /// Creates the encoding of a vocabulary.
  init(_ vocabulary: Vocabulary, _ rules: UnigramRules) {
    let kinds = vocabulary.kinds
    var pieces: [(text: ArraySlice<UInt8>, value: Int32)] = []
    var bytes = [Token?](repeating: nil, count: 256)
    for token in kinds.indices {
      let text = vocabulary.texts[token]
      if kinds[token] == .normal, !text.isEmpty { pieces.append((text, Int32(token))) }
      if kinds[token] == .byte, let byte = text.first { bytes[Int(byte)] = Token(token) }
    }
    trie = PrefixTrie(pieces)
    scores = rules.scores
    unknownScore = rules.unknownScore(kinds)
    unknown = kinds.firstIndex(of: .unknown).map { Token($0) }
    let known = bytes.compactMap { $0 }
    self.bytes = rules.fallsBackToBytes && known.count == 256 ? known : []
  }

  func encode(
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout SubwordWorkspace
  ) {
    guard !word.isEmpty else { return }
    workspace.findBestPath(over: word, in: trie, scores, unknownScore)
    appendPath(word, &workspace.path, to: &tokens)
  }

  /// Appends the tokens of the best path, with unknown characters in a row as one.
  private func appendPath(
    _ word: ArraySlice<UInt8>, _ path: inout [SubwordWorkspace.PathNode], to tokens: inout [Token]
  ) {
    let first = tokens.count
    var end = word.count
    while end > 0 {
      let node = path[end]
      if node.piece >= 0 {
        tokens.append(node.piece)
        end = node.start
        continue
      }
      var start = node.start
      while start > 0, path[start].piece < 0 { start = path[start].start }
      let text = word[(word.startIndex + start)..<(word.startIndex + end)]
      if !bytes.isEmpty {
        tokens += text.reversed().map { bytes[Int($0)] }
      } else if let unknown {
        tokens.append(unknown)
      }
      end = start
    }
    tokens[first...].reverse()
  }
}

extension SubwordWorkspace {
  /// The best way to reach a position.
  struct PathNode {
    /// The sum of the scores of the pieces so far.
    var score = -Double.infinity
    /// Where the last piece begins.
    var start = 0
    /// The last piece, or -1 for an unknown character.
    var piece: Token = -1
  }

  /// Finds the best path over a word: `path[i]` is the best way to reach its byte `i`.
  fileprivate mutating func findBestPath(
    over word: ArraySlice<UInt8>, in trie: PrefixTrie, _ scores: [Double], _ unknownScore: Double
  ) {
    path.removeAll(keepingCapacity: true)
    path.append(contentsOf: repeatElement(PathNode(), count: word.count + 1))
    path[0].score = 0
    var offset = 0
    while offset < word.count {
      let position = word.startIndex + offset
      let length = min(UTF8.length(word[position]), word.count - offset)
      let before = path[offset].score
      var hasCharacter = false
      var work = 1
      trie.forEachPrefix(of: word[position...]) { end, piece in
        work += 1
        let target = end - word.startIndex
        let score = before + scores[Int(piece)]
        if score > path[target].score {
          path[target] = PathNode(score: score, start: offset, piece: piece)
        }
        if end - position == length { hasCharacter = true }
      }
      if !hasCharacter, before + unknownScore > path[offset + length].score {
        path[offset + length] = PathNode(
          score: before + unknownScore, start: offset, piece: -1)
      }
      steps &+= work
      offset += length
    }
  }
}
