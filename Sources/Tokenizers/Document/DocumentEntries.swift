import JSON

/// The entries of a `tokenizer.json`: the model's pieces, added tokens, and rows that have neither.
struct DocumentEntries {
  /// Rows at most that no token is for: embeddings are padded, and numbers have gaps.
  private static let maximumUnused = 1 << 20

  private(set) var pieces: [String]
  private(set) var kinds: [TokenKind]
  private(set) var added: [AddedToken] = []
  private var numbers: [ArraySlice<UInt8>: Token] = [:]
  private var isAdded: Set<Token> = []

  /// Places the pieces of a model in as many rows.
  init(_ model: DocumentModel, rows: Int) throws(VocabularyError) {
    let entries = model.entries
    guard (1...Vocabulary.maximumCount).contains(rows) else {
      throw VocabularyError(
        .limit, field: .rows, "\(rows) rows; at least 1, at most \(Vocabulary.maximumCount)")
    }
    guard rows - entries.count <= Self.maximumUnused else {
      throw VocabularyError(
        .limit, field: .rows,
        "\(rows) rows for \(entries.count) pieces; at most \(Self.maximumUnused) more")
    }
    pieces = Array(repeating: "", count: rows)
    kinds = Array(repeating: .unused, count: rows)
    for entry in entries {
      guard case .integer(let number) = entry.number else {
        throw Self.fault(.invalid, entry.name, "its number is no integer")
      }
      guard pieces.indices.contains(number) else {
        throw Self.fault(.invalid, entry.name, "its number is \(number), of \(rows) rows")
      }
      guard kinds[number] == .unused else {
        throw Self.fault(
          .duplicate, entry.name, "number \(number) is that of \(Self.quoted(pieces[number])) too")
      }
      pieces[number] = entry.name
      let isByte = model.fallsBackToBytes && Self.isByte(entry.name)
      kinds[number] = isByte ? .byte : .normal
      numbers[Array(entry.name.utf8)[...]] = Token(number)
    }
  }

  /// Adds the added tokens of the document.
  ///
  /// - Parameter specials: Names that are control tokens, whatever their flags say.
  mutating func add(_ tokens: [JSONValue], specials: Set<String>) throws(VocabularyError) {
    for value in tokens {
      let object = try DocumentObject(value, field: .addedTokens)
      let content = try object.string("content")
      guard case .integer(let number)? = object.members["id"], number >= 0 else {
        throw object.fault("\(Self.quoted(content)) has no number")
      }
      // A row that the embedding lacks: a token that another kind of input would use.
      if number >= pieces.count, self.number(of: content) == nil { continue }
      let token = try place(content, number, object)
      let isSpecial = try object.bool("special", default: false) || specials.contains(content)
      var added = AddedToken(token, content.utf8)
      added.isNormalized = try object.bool("normalized", default: !isSpecial)
      added.stripsLeft = try object.bool("lstrip", default: false)
      added.stripsRight = try object.bool("rstrip", default: false)
      added.isWord = try object.bool("single_word", default: false)
      added.needsTemplate = isSpecial || !AddedToken.isPlainText(added.content)
      self.added.append(added)
      // Plain text that the model knows stays what merges may make.
      if added.needsTemplate || kinds[Int(token)] != .normal {
        kinds[Int(token)] = isSpecial ? .control : .userDefined
      }
    }
  }

  private mutating func place(
    _ content: String, _ number: Int, _ object: DocumentObject
  ) throws(VocabularyError) -> Token {
    guard !content.isEmpty else { throw object.fault("token \(number) is empty") }
    if let known = self.number(of: content) {
      guard Int(known) == number else {
        throw object.fault("\(Self.quoted(content)) is token \(number), but \(known) in the model")
      }
    } else {
      guard kinds[number] == .unused else {
        throw VocabularyError(
          .duplicate, field: .addedTokens,
          "\(Self.quoted(content)) is token \(number), as is \(Self.quoted(pieces[number]))")
      }
      pieces[number] = content
      kinds[number] = .userDefined
      numbers[Array(content.utf8)[...]] = Token(number)
    }
    guard isAdded.insert(Token(number)).inserted else {
      throw VocabularyError(
        .duplicate, field: .addedTokens, "token \(number) stands twice")
    }
    return Token(number)
  }

  /// Makes a piece the unknown token.
  mutating func setUnknown(_ piece: String) throws(VocabularyError) {
    guard let token = number(of: piece) else {
      throw VocabularyError(
        .invalid, field: .model, "the unknown token \(Self.quoted(piece)) is not in the vocabulary")
    }
    kinds[Int(token)] = .unknown
  }

  /// The number of a piece, if there is such a one.
  func number(of piece: String) -> Token? { numbers[Array(piece.utf8)[...]] }

  private static func isByte(_ piece: String) -> Bool {
    let digits = piece.utf8.dropFirst(3).dropLast()
    return piece.utf8.count == 6 && piece.hasPrefix("<0x") && piece.hasSuffix(">")
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
  }

  private static func quoted(_ piece: String) -> String { piece.prefix(40).debugDescription }

  private static func fault(
    _ kind: VocabularyError.Kind, _ piece: String, _ detail: String
  ) -> VocabularyError {
    VocabularyError(kind, field: .pieces, "\(quoted(piece)): \(detail)")
  }
}
