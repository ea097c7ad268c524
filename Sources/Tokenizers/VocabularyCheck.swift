/// The rules that a vocabulary must keep, each as a function that throws where it is broken.
struct VocabularyCheck {
  private static let maximumPieceLength = 1 << 16
  private static let maximumSpecialBytes = 1 << 21

  let pieces: [String]
  let kinds: [TokenKind]

  func counts(merges: Int) throws(VocabularyError) {
    let limit = Vocabulary.maximumCount
    if pieces.isEmpty {
      throw VocabularyError(.invalid, field: VocabularyField.pieces, "the vocabulary is empty")
    }
    if pieces.count > limit {
      throw VocabularyError(
        .limit, field: VocabularyField.pieces, "\(pieces.count) pieces; at most \(limit)")
    }
    if kinds.count != pieces.count {
      throw VocabularyError(
        .invalid, field: VocabularyField.kinds, "\(kinds.count) kinds of \(pieces.count) pieces")
    }
    if merges > limit {
      throw VocabularyError(
        .limit, field: VocabularyField.merges, "\(merges) merges; at most \(limit)")
    }
  }

  func token(_ token: Token?, field: VocabularyField) throws(VocabularyError) {
    guard let token, token < 0 || token >= pieces.count else { return }
    throw VocabularyError(
      .invalid, field: field, "token \(token) is not in a vocabulary of \(pieces.count)")
  }

  func splitter(named name: String) throws(VocabularyError) -> any TextSplitter {
    if let splitter = TextSplitters.named(name) { return splitter }
    let known = TextSplitters.all.flatMap(\.names).joined(separator: ", ")
    throw VocabularyError(
      .unsupported, field: VocabularyField.preTokenizer,
      "no pattern is called \(name.prefix(40).debugDescription); known: \(known)")
  }

  /// Returns the bytes of each piece.
  func texts() throws(VocabularyError) -> ByteStrings {
    var texts = ByteStrings()
    var specialBytes = 0
    for (token, (piece, kind)) in zip(pieces, kinds).enumerated() {
      guard piece.utf8.count <= Self.maximumPieceLength else {
        throw fault(.limit, token, "\(piece.utf8.count) bytes; at most \(Self.maximumPieceLength)")
      }
      switch kind {
      case .normal:
        guard let bytes = ByteAlphabet.bytes(of: piece) else {
          throw fault(.invalid, token, "a character is not in the byte alphabet")
        }
        texts.append(bytes)
      case .byte:
        texts.append(CollectionOfOne(try byte(of: piece, token)))
      case .control, .userDefined:
        if piece.isEmpty { throw fault(.invalid, token, "a special token is empty") }
        specialBytes += piece.utf8.count
        texts.append(piece.utf8)
      case .unknown, .unused:
        texts.append(piece.utf8)
      }
    }
    if specialBytes > Self.maximumSpecialBytes {
      throw VocabularyError(
        .limit, field: VocabularyField.pieces,
        "special tokens of \(specialBytes) bytes; at most \(Self.maximumSpecialBytes)")
    }
    return texts
  }

  /// Returns the merges as tokens.
  func merges(_ merges: [String]) throws(VocabularyError) -> [Merge] {
    let tokens = try tokensByPiece()
    var known = Set<Merge>(minimumCapacity: merges.count)
    var result: [Merge] = []
    result.reserveCapacity(merges.count)
    for (rank, text) in merges.enumerated() {
      let parts = text.utf8.split(
        separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let first = parts.first, let second = parts.last else {
        throw mergeFault(rank, "no space between two pieces")
      }
      guard let left = tokens[Array(first)], let right = tokens[Array(second)] else {
        throw mergeFault(rank, "a part is no normal piece of the vocabulary")
      }
      guard let joined = tokens[Array(first) + Array(second)] else {
        throw mergeFault(rank, "the result is no normal piece of the vocabulary")
      }
      let merge = Merge(left: left, right: right, result: joined)
      guard known.insert(merge).inserted else {
        throw VocabularyError(
          .duplicate, field: VocabularyField.merges, "merge \(rank) stands in the list before")
      }
      result.append(merge)
    }
    return result
  }

  /// Returns the normal pieces' tokens by their UTF-8 text, having found that no two are equal.
  private func tokensByPiece() throws(VocabularyError) -> [[UInt8]: Token] {
    // Bytes and not strings: to a string, precomposed and decomposed letters are the same.
    var tokens: [[UInt8]: Token] = [:]
    tokens.reserveCapacity(pieces.count)
    for (token, piece) in pieces.enumerated() {
      if let earlier = tokens.updateValue(Token(token), forKey: Array(piece.utf8)) {
        throw fault(.duplicate, token, "the piece of token \(earlier) again")
      }
    }
    // A merge must never make a control token out of text, so it may only name normal pieces.
    return tokens.filter { kinds[Int($0.value)] == .normal && !$0.key.isEmpty }
  }

  private func byte(of piece: String, _ token: Int) throws(VocabularyError) -> UInt8 {
    let digits = piece.utf8.dropFirst(3).dropLast()
    guard piece.utf8.count == 6, piece.hasPrefix("<0x"), piece.hasSuffix(">"),
      digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let byte = UInt8(Substring(digits), radix: 16)
    else { throw fault(.invalid, token, "a byte token is not written like <0x1F>") }
    return byte
  }

  private func fault(_ kind: VocabularyError.Kind, _ token: Int, _ detail: String)
    -> VocabularyError
  {
    VocabularyError(kind, field: VocabularyField.pieces, "token \(token): \(detail)")
  }

  private func mergeFault(_ rank: Int, _ detail: String) -> VocabularyError {
    VocabularyError(.invalid, field: VocabularyField.merges, "merge \(rank): \(detail)")
  }
}
