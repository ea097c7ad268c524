public import JSON

extension Vocabulary {
  /// Checks what a file beside a model states that is no JSON, a list of ranked pieces as tiktoken
  /// keeps it or a model of SentencePiece, and makes a vocabulary of it.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - configuration: The `tokenizer_config.json`, if there is one.
  ///   - ends: Tokens that end an answer, as other files name them.
  ///   - rows: How many rows the embedding has; those that no token is for become unused entries.
  /// - Throws: An error that names the part that is at fault.
  public init(
    tokenizerModel bytes: [UInt8], configuration: JSONObject?, ends: [Int], rows: Int
  ) throws(VocabularyError) {
    let configuration = DocumentObject(configuration ?? JSONObject(), field: .addedTokens)
    let added = try AddedEntry.list(configuration)
    if let ranks = try TiktokenFile.ranks(bytes) {
      try self.init(ranks: ranks, configuration, added, ends: ends, rows: rows)
    } else {
      try self.init(
        file: SentencePieceFile(bytes), configuration, added, ends: ends, rows: rows)
    }
  }

  private init(
    ranks: [[UInt8]], _ configuration: DocumentObject, _ added: [AddedEntry], ends: [Int],
    rows: Int
  ) throws(VocabularyError) {
    let identity = try TiktokenIdentity(count: ranks.count, added: Set(added.map(\.content)))
    let specials = added.isEmpty ? identity.specials(after: ranks.count) : added
    let last = specials.map(\.token).max() ?? 0
    guard last < Self.maximumCount else {
      throw VocabularyError(
        .limit, field: .addedTokens, "token \(last); at most \(Self.maximumCount)")
    }
    var ranked = try RankedPieces(rows: max(rows, ranks.count, last + 1))
    for (rank, bytes) in ranks.enumerated() where !bytes.isEmpty {
      try ranked.place(bytes, at: rank, as: .normal)
    }
    for special in specials {
      try ranked.place(
        Array(special.content.utf8), at: special.token,
        as: special.isSpecial ? .control : .userDefined)
    }
    var marks = SequenceMarks()
    marks.beginningOfSequence =
      try ranked.token(configuration, "bos_token")
      ?? identity.beginning.flatMap { ranked.token($0) }
    marks.endOfSequence =
      try ranked.token(configuration, "eos_token") ?? identity.end.flatMap { ranked.token($0) }
    marks.addsBeginning =
      try configuration.bool("add_bos_token", default: identity.addsBeginning)
      && marks.beginningOfSequence != nil
    try marks.add(ends, rows: ranked.texts.count)
    try self.init(
      ranked, splitter: identity.splitter, composes: identity.composes, marks: marks)
  }

  private init(
    file: SentencePieceFile, _ configuration: DocumentObject, _ added: [AddedEntry], ends: [Int],
    rows: Int
  ) throws(VocabularyError) {
    var pieces = file.pieces
    var kinds = file.kinds
    var scores = file.scores
    let count = max(rows, pieces.count)
    guard count <= Self.maximumCount else {
      throw VocabularyError(
        .limit, field: .rows, "\(count) rows; at most \(Self.maximumCount)")
    }
    pieces += repeatElement("", count: count - pieces.count)
    kinds += repeatElement(.unused, count: count - kinds.count)
    scores += repeatElement(0, count: count - scores.count)
    for entry in added where pieces.indices.contains(entry.token) {
      guard pieces[entry.token] == entry.content || kinds[entry.token] == .unused else {
        throw VocabularyError(
          .duplicate, field: .addedTokens, "token \(entry.token) is another in the model")
      }
      pieces[entry.token] = entry.content
      if kinds[entry.token] == .unused || kinds[entry.token] == .normal {
        kinds[entry.token] = entry.isSpecial ? .control : .userDefined
      }
    }
    var marks = SequenceMarks()
    marks.beginningOfSequence = file.beginning.map { Token($0) }
    marks.endOfSequence = file.end.map { Token($0) }
    try marks.add(ends, rows: count)
    if file.isUnigram {
      if marks.beginningOfSequence.map({ kinds[Int($0)] != .control }) ?? false {
        marks.beginningOfSequence = nil
      }
      marks.closing = marks.endOfSequence
      var form = UnigramForm(scores: scores)
      form.addsSpacePrefix = file.addsSpacePrefix
      form.joinsSpaces = file.joinsSpaces
      form.characterMap = file.characterMap
      try self.init(pieces: pieces, kinds: kinds, unigram: form, marks: marks)
    } else {
      guard file.characterMap.isEmpty, !file.joinsSpaces else {
        throw VocabularyError(
          .unsupported, field: .normalizer, "a model of pairs that changes its text")
      }
      marks.addsBeginning =
        try configuration.bool("add_bos_token", default: true)
        && marks.beginningOfSequence != nil
      try self.init(
        pieces: pieces, kinds: kinds, scores: scores, addsSpacePrefix: file.addsSpacePrefix,
        marks: marks)
    }
  }
}

extension RankedPieces {
  /// The token that a configuration names, if it names one.
  fileprivate func token(
    _ configuration: DocumentObject, _ key: String
  ) throws(VocabularyError) -> Token? {
    guard let name = try configuration.tokenName(key) else { return nil }
    if let token = token(name) { return token }
    throw VocabularyError(
      .invalid, field: key == "bos_token" ? .beginningOfSequence : .endOfSequence,
      "\(name.prefix(40).debugDescription) is not in the vocabulary")
  }
}

/// An entry of `added_tokens_decoder`.
struct AddedEntry {
  let token: Int
  let content: String
  let isSpecial: Bool

  /// The entries of a `tokenizer_config.json`.
  static func list(_ configuration: DocumentObject) throws(VocabularyError) -> [AddedEntry] {
    guard case .object(let entries)? = configuration.members["added_tokens_decoder"] else {
      return []
    }
    var list: [AddedEntry] = []
    for entry in entries.members {
      let object = try DocumentObject(entry.value, field: .addedTokens)
      guard let token = Int(entry.name), token >= 0 else {
        throw object.fault("\(entry.name.prefix(40).debugDescription) is no number")
      }
      let content = try object.string("content")
      guard !content.isEmpty else { throw object.fault("token \(token) is empty") }
      list.append(
        AddedEntry(
          token: token, content: content,
          isSpecial: try object.bool("special", default: false)))
    }
    return list
  }
}
