import JSON

/// The `model` of a `tokenizer.json`: byte-pair encoding.
struct DocumentModel {
  /// The number of each piece, as the document has them.
  let pieces: JSONObject
  let unknown: String?
  let fusesUnknown: Bool
  let takesWholeWords: Bool
  let fallsBackToBytes: Bool
  private let merges: [JSONValue]

  init(_ value: JSONValue?) throws(VocabularyError) {
    let model = try DocumentObject(value, field: .model)
    // Old documents have no type.
    guard model.type == "BPE" || model.type.isEmpty && model.members["merges"] != nil else {
      throw model.unsupported("\(model.quotedType) is not supported; 'BPE' is")
    }
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = try model.stringIfPresent(name), !affix.isEmpty {
        throw model.unsupported("'\(name)' is \(affix.prefix(40).debugDescription)")
      }
    }
    switch model.members["dropout"] {
    case nil, .null?, .integer(0)?, .number(0)?: break
    default: throw model.unsupported("'dropout' makes tokens random")
    }
    guard case .object(let pieces)? = model.members["vocab"] else {
      throw VocabularyError(.missing, field: .pieces, "'vocab' is no object")
    }
    self.pieces = pieces
    unknown = try model.stringIfPresent("unk_token")
    fusesUnknown = try model.bool("fuse_unk", default: false)
    takesWholeWords = try model.bool("ignore_merges", default: false)
    fallsBackToBytes = try model.bool("byte_fallback", default: false)
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
        let parts = text.utf8.split(
          separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts.first, let second = parts.last else {
          throw MergePairs.fault(rank, "no space between two pieces")
        }
        try pairs.add(Array(first), Array(second), rank: rank, skipsOthers: true)
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
