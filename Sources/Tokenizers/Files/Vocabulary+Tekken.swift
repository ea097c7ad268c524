public import JSON

extension Vocabulary {
  /// Checks what a `tekken.json` states and makes a vocabulary of it.
  ///
  /// - Parameters:
  ///   - document: The file.
  ///   - ends: Tokens that end an answer, as other files name them.
  ///   - rows: How many rows the embedding has; those that no token is for become unused entries.
  /// - Throws: An error that names the part that is at fault.
  public init(tekken document: JSONValue, ends: [Int], rows: Int) throws(VocabularyError) {
    let document = try DocumentObject(document, field: .model)
    let settings = try DocumentObject(document.members["config"], field: .model)
    let pattern = try settings.string("pattern")
    guard let splitter = TextSplitters.matching([pattern]) else {
      throw VocabularyError(
        .unsupported, field: .preTokenizer,
        "an unknown pattern: \(pattern.prefix(200).debugDescription)")
    }
    let specials = try settings.integer("default_num_special_tokens", in: 0...Self.maximumCount)
    let size = try settings.integer("default_vocab_size", in: 1...Self.maximumCount)
    guard specials < size else {
      throw settings.fault("\(specials) special tokens of \(size)")
    }
    var ranked = try RankedPieces(rows: max(rows, size))
    for value in try document.array("vocab") {
      let piece = try DocumentObject(value, field: .pieces)
      let rank = try piece.integer("rank", in: 0...Self.maximumCount)
      // A file may hold more than the model was made with.
      guard rank < size - specials else { continue }
      guard let bytes = Base64.decode(try piece.string("token_bytes").utf8) else {
        throw piece.fault("the piece of rank \(rank) is not Base64")
      }
      try ranked.place(bytes, at: rank + specials, as: .normal)
    }
    try ranked.placeTekkenSpecials(document, count: specials)
    var marks = SequenceMarks()
    marks.beginningOfSequence = ranked.token("<s>")
    marks.endOfSequence = ranked.token("</s>")
    marks.addsBeginning = marks.beginningOfSequence != nil
    try marks.add(ends, rows: ranked.texts.count)
    try self.init(ranked, splitter: splitter, marks: marks)
  }
}

extension RankedPieces {
  /// The special tokens of files that list none.
  private static let usualSpecials = [
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]",
    "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
  ]

  fileprivate mutating func placeTekkenSpecials(
    _ document: DocumentObject, count: Int
  ) throws(VocabularyError) {
    let listed = try document.array("special_tokens")
    for value in listed {
      let special = try DocumentObject(value, field: .addedTokens)
      let rank = try special.integer("rank", in: 0...max(0, count - 1))
      try place(Array(special.string("token_str").utf8), at: rank, as: .control)
    }
    if listed.isEmpty {
      for (rank, name) in Self.usualSpecials.prefix(count).enumerated() {
        try place(Array(name.utf8), at: rank, as: .control)
      }
    }
    for rank in 0..<count where kinds[rank] == .unused {
      try place(Array("<SPECIAL_\(rank)>".utf8), at: rank, as: .control)
    }
  }

  /// The control token of a name, if there is one.
  func token(_ name: String) -> Token? {
    let text = Array(name.utf8)
    return kinds.indices.first { kinds[$0] == .control && texts[$0] == text }.map { Token($0) }
  }
}

extension SequenceMarks {
  /// Adds tokens that end an answer, as other files name them.
  mutating func add(_ ends: [Int], rows: Int) throws(VocabularyError) {
    for end in ends {
      guard (0..<rows).contains(end) else {
        throw VocabularyError(
          .invalid, field: .additionalEnd, "token \(end) is not in a vocabulary of \(rows)")
      }
      additionalEnds.insert(Token(end))
    }
  }
}

extension DocumentObject {
  /// A member that must be an integer in a range.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(VocabularyError) -> Int {
    guard case .integer(let number)? = members[name] else {
      throw fault("'\(name)' is no integer")
    }
    guard range.contains(number) else {
      throw fault(
        "'\(name)' is \(number); it must lie in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }
}
