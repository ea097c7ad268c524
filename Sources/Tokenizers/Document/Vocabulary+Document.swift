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

    var check = VocabularyCheck(pieces: entries.pieces, kinds: entries.kinds)
    let texts: ByteStrings
    if text.isByteLevel {
      (texts, _) = try check.byteLevelTexts()
    } else {
      if text.spelling.readsMarkAsSpace { check.leaveOut { $0.utf8.contains(UInt8(ascii: " ")) } }
      texts = try check.texts(text.spelling)
      try check.coverage()
    }
    var rules = SubwordRules(
      units: text.isByteLevel ? .bytes : .characters([], fusesUnknown: model.fusesUnknown),
      merges: try model.merges(check), splitter: text.splitter ?? check.spaceSplitter(texts))
    rules.takesWholeWords = model.takesWholeWords
    rules.normalizer = text.normalizer
    rules.preparation = text.preparation
    rules.stripsLeadingSpace = text.stripsLeadingSpace
    try self.init(
      check, texts: texts, marks: marks, rules: rules,
      addedTokens: entries.added.map { $0.normalized(by: text.normalizer) })
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
