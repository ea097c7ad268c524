public import JSON

extension Vocabulary {
  /// Checks what a `tokenizer.json` and the files beside it state, and makes a vocabulary of it.
  ///
  /// - Parameters:
  ///   - tokenizer: The `tokenizer.json`.
  ///   - configuration: The `tokenizer_config.json`, if there is one.
  ///   - ends: Tokens that end an answer, as other files name them.
  ///   - rows: How many rows the embedding has; those that no token is for become unused entries.
  /// - Throws: An error that names the part that is at fault.
  public init(
    tokenizer: JSONValue, configuration: JSONObject?, ends: [Int], rows: Int
  ) throws(VocabularyError) {
    let document = try DocumentObject(tokenizer, field: .model)
    let configuration = DocumentObject(configuration ?? JSONObject(), field: .model)
    let model = try DocumentModel(document.members["model"])
    let text = try DocumentText(document)
    var entries = try DocumentEntries(model, rows: rows)
    try entries.add(
      document.array("added_tokens"), specials: configuration.specialNames())
    let marks = try SequenceMarks(
      document, configuration: configuration, entries: entries, ends: ends)
    if let unknown = model.unknown, !text.isByteLevel { try entries.setUnknown(unknown) }
    let added = entries.added.map { $0.normalized(by: text.normalizer) }
    let parts = DocumentParts(model: model, text: text, entries: entries, added: added)
    switch model.kind {
    case .bytePairs(let pairs): try self.init(parts, pairs, marks)
    case .unigram(let scores): try self.init(parts, scores: scores, marks)
    case .wordPiece(let rules): try self.init(parts, rules, marks)
    }
  }

  private init(
    _ parts: DocumentParts, _ pairs: DocumentModel.BytePairs, _ marks: SequenceMarks
  ) throws(VocabularyError) {
    let text = parts.text
    var check = parts.check
    let texts: ByteStrings
    if text.isByteLevel {
      (texts, _) = try check.byteLevelTexts()
    } else {
      if text.spelling.readsMarkAsSpace { check.leaveOut { $0.utf8.contains(UInt8(ascii: " ")) } }
      texts = try check.texts(text.spelling)
      try check.coverage()
    }
    var rules = SubwordRules(
      units: text.isByteLevel ? .bytes : .characters([], fusesUnknown: pairs.fusesUnknown),
      merges: try pairs.merges(check), splitter: text.splitter ?? check.spaceSplitter(texts))
    rules.takesWholeWords = pairs.takesWholeWords
    try self.init(parts, check, texts, rules, marks)
  }

  private init(
    _ parts: DocumentParts, scores: [Double], _ marks: SequenceMarks
  ) throws(VocabularyError) {
    var check = parts.check
    try parts.refuseBytes("Unigram")
    let padded = scores + repeatElement(0, count: max(0, check.pieces.count - scores.count))
    guard padded.allSatisfy(\.isFinite) else {
      throw VocabularyError(.invalid, field: .scores, "a score is no finite number")
    }
    if parts.text.spelling.readsMarkAsSpace {
      check.leaveOut { $0.utf8.contains(UInt8(ascii: " ")) }
    }
    let texts = try check.texts(parts.text.spelling)
    try check.coverage()
    try check.unigramLengths(texts)
    let units = SubwordRules.Units.unigram(
      UnigramRules(scores: padded, fallsBackToBytes: parts.model.fallsBackToBytes))
    let rules = SubwordRules(
      units: units, merges: [], splitter: parts.text.splitter ?? check.spaceSplitter(texts))
    try self.init(parts, check, texts, rules, marks)
  }

  private init(
    _ parts: DocumentParts, _ wordPiece: WordPieceRules, _ marks: SequenceMarks
  ) throws(VocabularyError) {
    let check = parts.check
    try parts.refuseBytes("WordPiece")
    guard check.kinds.contains(.unknown) else {
      throw VocabularyError(.missing, field: .pieces, "no unknown token; text could be lost")
    }
    try check.trieSize()
    var wordPiece = wordPiece
    wordPiece.joinsSigns = parts.text.joinsSigns
    let rules = SubwordRules(
      units: .wordPiece(wordPiece, pieces: check.pieces), merges: [],
      splitter: parts.text.splitter ?? WholeTextSplitter())
    try self.init(parts, check, check.texts(wordPiece), rules, marks)
  }

  private init(
    _ parts: DocumentParts, _ check: VocabularyCheck, _ texts: ByteStrings, _ rules: SubwordRules,
    _ marks: SequenceMarks
  ) throws(VocabularyError) {
    var rules = rules
    rules.normalizer = parts.text.normalizer
    rules.preparation = parts.text.preparation
    rules.stripsLeadingSpace = parts.text.stripsLeadingSpace
    rules.trailingSpaces = parts.text.trailingSpaces
    try self.init(check, texts: texts, marks: marks, rules: rules, addedTokens: parts.added)
  }
}

/// What the parts of a `tokenizer.json` were found to say.
private struct DocumentParts {
  let model: DocumentModel
  let text: DocumentText
  let entries: DocumentEntries
  let added: [AddedToken]

  var check: VocabularyCheck { VocabularyCheck(pieces: entries.pieces, kinds: entries.kinds) }

  /// Only byte pairs go with a byte-level pre-tokenizer.
  func refuseBytes(_ model: String) throws(VocabularyError) {
    guard text.isByteLevel else { return }
    throw VocabularyError(
      .unsupported, field: .preTokenizer, "type \"ByteLevel\" with a model of type \(model)")
  }
}

extension AddedToken {
  /// Returns the token with what normalizing makes of its content, where that is looked for.
  fileprivate func normalized(by normalizer: TextNormalizer) -> AddedToken {
    guard isNormalized else { return self }
    var text = SourcedText()
    text.append(content, isTemplate: true)
    guard let normal = normalizer.apply(to: text, 0..<content.count, isFirst: true) else {
      return self
    }
    var added = AddedToken(token, normal.bytes)
    added.isNormalized = true
    added.stripsLeft = stripsLeft
    added.stripsRight = stripsRight
    added.isWord = isWord
    added.needsTemplate = needsTemplate
    return added
  }
}
