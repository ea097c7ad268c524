import JSON

extension SequenceMarks {
  /// Reads what a `tokenizer.json` and its neighbours say of the ends of prompts and answers.
  init(
    _ document: DocumentObject, configuration: DocumentObject, entries: DocumentEntries,
    ends: [Int]
  ) throws(VocabularyError) {
    self.init()
    beginningOfSequence = try entries.token("bos_token", of: configuration)
    endOfSequence = try entries.token("eos_token", of: configuration)
    try readPostProcessor(document.members["post_processor"], entries)
    // These classes of tokenizers ask the configuration, whatever the document has.
    let owner = try configuration.stringIfPresent("tokenizer_class") ?? ""
    if ["Llama", "CodeLlama", "Gemma"].contains(where: owner.hasPrefix) {
      addsBeginning =
        try configuration.bool("add_bos_token", default: addsBeginning)
        && beginningOfSequence != nil
    }
    for end in ends {
      guard entries.pieces.indices.contains(end) else {
        throw VocabularyError(
          .invalid, field: .additionalEnd,
          "token \(end) is not in a vocabulary of \(entries.pieces.count)")
      }
      additionalEnds.insert(Token(end))
    }
  }

  private mutating func readPostProcessor(
    _ value: JSONValue?, _ entries: DocumentEntries
  ) throws(VocabularyError) {
    for part in try DocumentObject.components(value, list: "processors", field: .postProcessor) {
      switch part.type {
      case "ByteLevel": break
      case "TemplateProcessing": try readTemplate(part, entries)
      case "BertProcessing", "RobertaProcessing": try readEnds(part, entries)
      default: throw part.unsupported("\(part.quotedType) is not supported")
      }
    }
  }

  /// Reads `cls` and `sep`, each a name and a number.
  private mutating func readEnds(
    _ part: DocumentObject, _ entries: DocumentEntries
  ) throws(VocabularyError) {
    func token(_ key: String) throws(VocabularyError) -> Token {
      let pair = try part.array(key)
      guard pair.count == 2, case .integer(let number) = pair[1],
        entries.pieces.indices.contains(number)
      else { throw part.fault("'\(key)' is not a token of the vocabulary") }
      return Token(number)
    }
    let end = try token("sep")
    beginningOfSequence = try token("cls")
    addsBeginning = true
    closing = end
    separators = part.type == "BertProcessing" ? [end] : [end, end]
  }

  private mutating func readTemplate(
    _ part: DocumentObject, _ entries: DocumentEntries
  ) throws(VocabularyError) {
    var before: [Token] = []
    var after: [Token] = []
    var sequences = 0
    for piece in try part.array("single") {
      let piece = try DocumentObject(piece, field: .postProcessor)
      if piece.members["Sequence"] != nil {
        sequences += 1
      } else {
        let special = try DocumentObject(piece.members["SpecialToken"], field: .postProcessor)
        let token = try Self.token(try special.string("id"), part, entries)
        if sequences == 0 { before.append(token) } else { after.append(token) }
      }
    }
    guard sequences == 1, before.count <= 1, after.count <= 1 else {
      throw part.unsupported(
        "\(part.quotedType) with \(before.count) tokens before \(sequences) texts, \(after.count) after"
      )
    }
    if let first = before.first {
      beginningOfSequence = first
      addsBeginning = true
    }
    closing = after.first ?? closing
    separators = try Self.separators(part, entries) ?? separators
  }

  /// The tokens between the two texts of a pair, where its ends are those of a single text.
  private static func separators(
    _ part: DocumentObject, _ entries: DocumentEntries
  ) throws(VocabularyError) -> [Token]? {
    var parts: [[Token]] = [[]]
    for piece in try part.array("pair") {
      let piece = try DocumentObject(piece, field: .postProcessor)
      if piece.members["Sequence"] != nil {
        parts.append([])
      } else {
        let special = try DocumentObject(piece.members["SpecialToken"], field: .postProcessor)
        parts[parts.count - 1].append(try token(try special.string("id"), part, entries))
      }
    }
    return parts.count == 3 ? parts[1] : nil
  }

  /// The number that a template gives a special token.
  private static func token(
    _ name: String, _ part: DocumentObject, _ entries: DocumentEntries
  ) throws(VocabularyError) -> Token {
    let tokens = try DocumentObject(part.members["special_tokens"], field: .postProcessor)
    let token = try DocumentObject(tokens.members[name], field: .postProcessor)
    let ids = try token.array("ids")
    guard case .integer(let number)? = ids.first, ids.count == 1,
      entries.pieces.indices.contains(number)
    else {
      throw part.fault("\(name.prefix(40).debugDescription) is not one token of the vocabulary")
    }
    return Token(number)
  }
}

extension DocumentEntries {
  /// The token that a configuration names, if it names one.
  func token(
    _ key: String, of configuration: DocumentObject
  ) throws(VocabularyError) -> Token? {
    guard let name = try configuration.tokenName(key) else { return nil }
    if let token = number(of: name) { return token }
    throw VocabularyError(
      .invalid, field: key == "bos_token" ? .beginningOfSequence : .endOfSequence,
      "\(name.prefix(40).debugDescription) is not in the vocabulary")
  }
}

extension DocumentObject {
  /// The text of a token that is given as a string, or as an object with its flags.
  func tokenName(_ key: String) throws(VocabularyError) -> String? {
    if case .object(let token)? = members[key] {
      return try DocumentObject(token, field: field).string("content")
    }
    return try stringIfPresent(key)
  }

  /// The names of the tokens that a `tokenizer_config.json` gives a role.
  func specialNames() throws(VocabularyError) -> Set<String> {
    var names: Set<String> = []
    for role in ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] {
      if let name = try tokenName("\(role)_token") { names.insert(name) }
    }
    for value in try array("additional_special_tokens") {
      if case .string(let name) = value { names.insert(name) }
      if case .object(let token) = value, case .string(let name)? = token["content"] {
        names.insert(name)
      }
    }
    return names
  }
}
