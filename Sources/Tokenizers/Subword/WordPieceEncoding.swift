/// What a vocabulary of WordPiece states beside its pieces.
struct WordPieceRules: Sendable {
  /// How pieces are spelled.
  enum Spelling: Sendable, Hashable {
    /// Pieces that continue a word begin with this.
    case continuation(String)
    /// Pieces that begin a word begin with U+2581.
    case beginning
  }

  /// How pieces are spelled.
  var spelling = Spelling.continuation("##")
  /// The characters of a word at most; longer ones are unknown.
  var longestWord = 100
  /// Whether no space stands before the signs and endings that English writes without one.
  var joinsSigns = true

  /// The text that a piece stands for, and whether it continues a word.
  func text(of piece: String) -> (text: Substring.UTF8View, continues: Bool) {
    let bytes = piece[...].utf8
    switch spelling {
    case .continuation(let prefix):
      // A piece that is nothing but the prefix begins a word, as no word has empty parts.
      let continues = bytes.starts(with: prefix.utf8) && bytes.count > prefix.utf8.count
      return (continues ? bytes.dropFirst(prefix.utf8.count) : bytes, continues)
    case .beginning:
      let mark = "\u{2581}".utf8
      let begins = bytes.starts(with: mark)
      return (begins ? bytes.dropFirst(mark.count) : bytes, !begins)
    }
  }

  private static let signs = [".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"]

  /// The text of a piece within a longer text: a space stands before a word.
  func written(_ piece: String) -> [UInt8] {
    let (text, continues) = text(of: piece)
    if continues || joinsSigns && Self.signs.contains(where: { text.starts(with: $0.utf8) }) {
      return Array(text)
    }
    return [UInt8(ascii: " ")] + text
  }
}

/// The longest piece that begins a word, then the longest that goes on from there, and so forth; a
/// word with a part that no piece covers is unknown as a whole.
struct WordPieceEncoding: SubwordModel {
  private let beginnings: PrefixTrie
  private let continuations: PrefixTrie
  private let unknown: Token?
  private let longestWord: Int

  /// Creates the encoding of a vocabulary.
  init(_ vocabulary: Vocabulary, _ rules: WordPieceRules, pieces: [String]) {
    var beginnings: [(text: ArraySlice<UInt8>, value: Int32)] = []
    var continuations = beginnings
    for (token, piece) in pieces.enumerated() where vocabulary.kinds[token] == .normal {
      let (text, continues) = rules.text(of: piece)
      let bytes = Array(text)[...]
      guard !bytes.isEmpty else { continue }
      if continues {
        continuations.append((bytes, Int32(token)))
      } else {
        beginnings.append((bytes, Int32(token)))
      }
    }
    self.beginnings = PrefixTrie(beginnings)
    self.continuations = PrefixTrie(continuations)
    unknown = vocabulary.kinds.firstIndex(of: .unknown).map { Token($0) }
    longestWord = rules.longestWord
  }

  func encode(
    _ word: ArraySlice<UInt8>, into tokens: inout [Token], using workspace: inout SubwordWorkspace
  ) {
    let first = tokens.count
    if isShort(word), appendPieces(of: word, to: &tokens, &workspace) { return }
    tokens.removeSubrange(first...)
    if let unknown { tokens.append(unknown) }
  }

  private func isShort(_ word: ArraySlice<UInt8>) -> Bool {
    word.count <= longestWord
      || word.count <= longestWord * 4
        && word.count(where: { !UTF8.isContinuation($0) }) <= longestWord
  }

  private func appendPieces(
    of word: ArraySlice<UInt8>, to tokens: inout [Token], _ workspace: inout SubwordWorkspace
  ) -> Bool {
    var rest = word
    while !rest.isEmpty {
      var longest: (end: Int, piece: Token)?
      let trie = rest.startIndex == word.startIndex ? beginnings : continuations
      trie.forEachPrefix(of: rest) { longest = ($0, $1) }
      workspace.steps &+= 1
      guard let longest else { return false }
      tokens.append(longest.piece)
      rest = rest[longest.end...]
    }
    return true
  }
}
