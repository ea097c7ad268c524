/// Mends what files of other programs state otherwise than they mean it, and notes each.
package struct VocabularyMending {
  /// Something that was taken otherwise than the file states it.
  package struct Note: Sendable, Hashable {
    /// The part of the vocabulary.
    package let field: VocabularyField
    /// What was found, and what was made of it.
    package let detail: String
  }

  /// What each token is for `[V]`.
  package private(set) var kinds: [TokenKind]
  /// What was mended.
  package private(set) var notes: [Note] = []
  private let pieces: [String]

  /// Mends the kinds of tokens.
  ///
  /// - Parameters:
  ///   - pieces: The text of each token `[V]`.
  ///   - kinds: What each is for, of the same number.
  ///   - beginning: The token that begins prompts.
  ///   - merges: The merges, of which marks are never the result; nil where scores tell how pieces are
  ///     joined.
  package init(
    pieces: [String], kinds: [TokenKind], beginning: Token?, merges: [String]? = nil
  ) {
    self.pieces = pieces
    self.kinds = kinds
    guard kinds.count == pieces.count else { return }
    mendDuplicates()
    mendMarks(merges: merges)
    mendBeginning(beginning)
  }

  /// Of two entries with the same text the first is found.
  private mutating func mendDuplicates() {
    var strings = ByteStrings()
    for piece in pieces { strings.append(piece.utf8) }
    var table = PieceTable(strings)
    var again: [Int] = []
    for token in pieces.indices {
      let isEmpty = pieces[token].isEmpty
      if isEmpty && kinds[token] != .normal || table.insert(token) != nil {
        kinds[token] = .unused
        if !isEmpty { again.append(token) }
      }
    }
    note(.pieces, again, "the text of another one; the first with a text is the one that is found")
  }

  /// Marks of templates are none where files type them as text.
  private mutating func mendMarks(merges: [String]?) {
    var candidates = Set(
      kinds.indices.filter {
        kinds[$0] == .normal && Self.isMark(pieces[$0], strictly: merges == nil)
      })
    if let merges, !candidates.isEmpty {
      let ends: Set = [UInt8(ascii: ">"), UInt8(ascii: "]")]
      let made = Set(
        merges.lazy.filter { $0.utf8.last.map(ends.contains) ?? false }
          .map { $0.filter { $0 != " " } })
      candidates = candidates.filter { !made.contains(pieces[$0]) }
    }
    for token in candidates { kinds[token] = .control }
    note(.kinds, candidates.sorted(), "the look of a mark and the type of text; a mark it is")
  }

  private mutating func mendBeginning(_ beginning: Token?) {
    guard let token = beginning.map({ Int($0) }), kinds.indices.contains(token),
      kinds[token] == .userDefined
    else { return }
    kinds[token] = .control
    note(.kinds, [token], "the type of text that users define, and begins prompts; a mark it is")
  }

  /// Returns the merges of normal pieces, of each pair the first.
  ///
  /// - Throws: An error where most are others: then they are another vocabulary's.
  package mutating func usable(_ merges: [String]) throws(VocabularyError) -> [String] {
    var pairs = MergePairs(
      try VocabularyCheck(pieces: pieces, kinds: kinds).pieceTable(), kinds)
    var usable: [String] = []
    var first: VocabularyError?
    for (rank, text) in merges.enumerated() {
      do throws(VocabularyError) {
        try pairs.add(text, rank: rank)
        usable.append(text)
      } catch {
        if first == nil { first = error }
      }
    }
    guard let first else { return merges }
    let leftOut = merges.count - usable.count
    guard leftOut <= usable.count else { throw first }
    notes.append(
      Note(
        field: .merges,
        detail: "\(leftOut) of \(merges.count) are left out, the first for this: \(first.detail)"))
    return usable
  }

  /// Whether a piece looks like a mark between texts.
  ///
  /// - Parameter strictly: Whether text of the same look could be meant.
  private static func isMark(_ piece: String, strictly: Bool) -> Bool {
    guard piece.utf8.count > 3, piece.utf8.count < 64 else { return false }
    if SequenceMarks.endNames.contains(piece) { return piece != "</s>" || !strictly }
    let hasBars =
      piece.hasPrefix("<|") && piece.hasSuffix("|>")
      || piece.hasPrefix("<｜") && piece.hasSuffix("｜>")
    if hasBars || strictly {
      return hasBars && piece.utf8.count > 4 && !piece.utf8.contains(UInt8(ascii: " "))
    }
    let name = piece.utf8.dropFirst().dropLast()
    if piece.hasPrefix("["), piece.hasSuffix("]") {
      return name.allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x5F || $0 == 0x2F }
    }
    return piece.hasPrefix("<") && piece.hasSuffix(">")
      && name.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || $0 == 0x2F }
      && name.contains(0x5F)
  }

  /// Notes what some tokens have that they should not have.
  private mutating func note(_ field: VocabularyField, _ tokens: [Int], _ detail: String) {
    guard let first = tokens.first else { return }
    let count = tokens.count == 1 ? "one token has" : "\(tokens.count) tokens have"
    notes.append(
      Note(
        field: field,
        detail: "\(count) \(detail): \(first), \(pieces[first].prefix(40).debugDescription)"))
  }
}
