/// The merges that the scores of a vocabulary amount to.
///
/// Any two neighbours whose text together is a piece may be joined, the highest score first; so
/// every way to cut a piece in two that are pieces, or single characters, is a merge. Equal scores
/// are equal ranks, of which the leftmost in the text goes first.
struct ScoredMerges {
  private static let longestPiece = 512

  /// The merges.
  private(set) var merges: [Merge] = []
  /// Characters that stand in pieces and are none themselves, numbered from `[V]` on.
  private(set) var letters: [[UInt8]] = []

  private var table: PieceTable
  private var numbers: [ArraySlice<UInt8>: Token] = [:]
  private let count: Int

  /// Finds the merges of normal pieces.
  init(texts: ByteStrings, kinds: [TokenKind], scores: [Float]) throws(VocabularyError) {
    count = kinds.count
    table = PieceTable(texts)
    let pieces = kinds.indices.filter { kinds[$0] == .normal }
    for token in pieces { _ = table.insert(token) }
    let distinct = Set(pieces.map { scores[$0] }).sorted(by: >)
    var ranks: [Float: Int32] = [:]
    for (rank, score) in distinct.enumerated() { ranks[score] = Int32(rank) }
    for token in pieces where texts[token].count > 1 {
      try add(Token(token), texts[token], rank: ranks[scores[token]] ?? 0)
    }
  }

  private mutating func add(
    _ token: Token, _ text: ArraySlice<UInt8>, rank: Int32
  ) throws(VocabularyError) {
    guard text.count <= Self.longestPiece else {
      throw VocabularyError(
        .limit, field: .pieces,
        "token \(token): \(text.count) bytes; at most \(Self.longestPiece) where scores join pieces"
      )
    }
    for cut in text.indices.dropFirst() where !UTF8.isContinuation(text[cut]) {
      guard let left = part(text[..<cut]), let right = part(text[cut...]) else { continue }
      merges.append(Merge(left: left, right: right, result: token, rank: rank))
    }
    guard merges.count <= Vocabulary.maximumCount else {
      throw VocabularyError(
        .limit, field: .pieces, "more than \(Vocabulary.maximumCount) ways to join pieces")
    }
  }

  /// The number of a piece or of a single character.
  private mutating func part(_ text: ArraySlice<UInt8>) -> Token? {
    if let piece = table[text] { return Token(piece) }
    guard let first = text.first, text.count == UTF8.length(first) else { return nil }
    if let number = numbers[text] { return number }
    let number = Token(count + letters.count)
    numbers[text] = number
    letters.append(Array(text))
    return number
  }
}
