import JSON

/// The `model` of a `tokenizer.json`.
struct DocumentModel {
  /// Which kind of model it is, with what only that kind has.
  enum Kind {
    case bytePairs(BytePairs)
    case unigram(scores: [Double])
    case wordPiece(WordPieceRules)
  }

  /// What byte-pair encoding has.
  struct BytePairs {
    let merges: [JSONValue]
    let fusesUnknown: Bool
    let takesWholeWords: Bool
  }

  /// The pieces and their numbers, as the document has them.
  let entries: [(name: String, number: JSONValue)]
  let kind: Kind
  let unknown: String?
  let fallsBackToBytes: Bool

  init(_ value: JSONValue?) throws(VocabularyError) {
    let model = try DocumentObject(value, field: .model)
    fallsBackToBytes = try model.bool("byte_fallback", default: false)
    // Old documents have no type.
    switch (model.type, model.members["merges"]) {
    case ("BPE", _), ("", .some):
      kind = .bytePairs(try BytePairs(model))
      entries = try Self.members(model)
      unknown = try model.stringIfPresent("unk_token")
    case ("WordPiece", _):
      kind = .wordPiece(try WordPieceRules(model))
      entries = try Self.members(model)
      unknown = try model.stringIfPresent("unk_token") ?? "[UNK]"
    case ("Unigram", _):
      let list = try Self.list(model)
      kind = .unigram(scores: list.map(\.score))
      entries = list.enumerated().map { ($0.element.name, .integer($0.offset)) }
      unknown = try Self.unknown(model, list.map(\.name))
    default:
      let known = Vocabulary.documentNames.joined(separator: ", ")
      throw model.unsupported("\(model.quotedType) is not one of \(known)")
    }
  }

  private static func members(
    _ model: DocumentObject
  ) throws(VocabularyError) -> [(name: String, number: JSONValue)] {
    guard case .object(let pieces)? = model.members["vocab"] else {
      throw VocabularyError(.missing, field: .pieces, "'vocab' is no object")
    }
    return pieces.members.map { ($0.name, $0.value) }
  }

  /// The pieces of Unigram, each with its score.
  private static func list(
    _ model: DocumentObject
  ) throws(VocabularyError) -> [(name: String, score: Double)] {
    let values = try DocumentObject(model.members, field: .pieces).array("vocab")
    guard values.count <= Vocabulary.maximumCount else {
      throw VocabularyError(
        .limit, field: .pieces, "\(values.count) pieces; at most \(Vocabulary.maximumCount)")
    }
    var list: [(name: String, score: Double)] = []
    for value in values {
      guard case .array(let pair) = value, pair.count == 2, case .string(let name) = pair[0] else {
        throw VocabularyError(
          .invalid, field: .pieces, "piece \(list.count) is no pair of a string and a number")
      }
      switch pair[1] {
      case .integer(let score): list.append((name, Double(score)))
      case .number(let score): list.append((name, score))
      default:
        throw VocabularyError(
          .invalid, field: .pieces, "the score of piece \(list.count) is no number")
      }
    }
    return list
  }

  private static func unknown(
    _ model: DocumentObject, _ names: [String]
  ) throws(VocabularyError) -> String? {
    switch model.members["unk_id"] {
    case nil, .null?: return nil
    case .integer(let number)? where names.indices.contains(number): return names[number]
    default: throw model.fault("'unk_id' is no piece of \(names.count)")
    }
  }
}

extension DocumentModel.BytePairs {
  init(_ model: DocumentObject) throws(VocabularyError) {
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = try model.stringIfPresent(name), !affix.isEmpty {
        throw model.unsupported("'\(name)' is \(affix.prefix(40).debugDescription)")
      }
    }
    switch model.members["dropout"] {
    case nil, .null?, .integer(0)?, .number(0)?: break
    default: throw model.unsupported("'dropout' makes tokens random")
    }
    fusesUnknown = try model.bool("fuse_unk", default: false)
    takesWholeWords = try model.bool("ignore_merges", default: false)
    merges = try model.array("merges")
    if merges.count > Vocabulary.maximumCount {
      throw VocabularyError(
        .limit, field: .merges, "\(merges.count) merges; at most \(Vocabulary.maximumCount)")
    }
  }

  /// Returns the merges as tokens of pieces that were checked.
  func merges(_ check: VocabularyCheck) throws(VocabularyError) -> [Merge] {
    var pairs = MergePairs(try check.pieceTable(), check.kinds)
    for (rank, merge) in merges.enumerated() {
      switch merge {
      case .string(let text):
        try pairs.add(text, rank: rank, skipsOthers: true)
      case .array(let parts):
        guard parts.count == 2, case .string(let first)? = parts.first,
          case .string(let second)? = parts.last
        else { throw MergePairs.fault(rank, "not two strings") }
        try pairs.add(Array(first.utf8), Array(second.utf8), rank: rank, skipsOthers: true)
      default: throw MergePairs.fault(rank, "neither a string nor an array")
      }
    }
    return pairs.merges
  }
}

extension WordPieceRules {
  init(_ model: DocumentObject) throws(VocabularyError) {
    let prefix = try model.stringIfPresent("continuing_subword_prefix") ?? "##"
    guard !prefix.isEmpty else {
      throw model.unsupported("'continuing_subword_prefix' is empty")
    }
    spelling = .continuation(prefix)
    switch model.members["max_input_chars_per_word"] {
    case nil, .null?: break
    case .integer(let count)? where (1...10_000).contains(count): longestWord = count
    default: throw model.fault("'max_input_chars_per_word' is not in 1...10000")
    }
  }
}

extension Vocabulary {
  /// The types of models that a `tokenizer.json` may have.
  package static let documentNames = ["BPE", "Unigram", "WordPiece"]
}
