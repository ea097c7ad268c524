import JSON

/// What a `tokenizer.json` does to text before and after the model: normalizer, pre-tokenizer, decoder.
struct DocumentText {
  var normalizer = TextNormalizer()
  var preparation = TextNormalizer()
  /// What cuts text into words; nil for what finds out where no merge goes.
  var splitter: (any TextSplitter)?
  var isByteLevel = false
  private(set) var stripsLeadingSpace = false
  /// Spaces at the end of a text that its decoder leaves out, at most.
  private(set) var trailingSpaces = 0
  /// Whether English signs and endings are written without a space before them.
  private(set) var joinsSigns = true

  init(_ document: DocumentObject) throws(VocabularyError) {
    try readNormalizer(document.members["normalizer"])
    try readPreTokenizer(document.members["pre_tokenizer"])
    try readDecoder(document.members["decoder"])
  }

  /// How pieces are spelled.
  var spelling: TextNormalizer {
    var spelling = TextNormalizer()
    spelling.readsMarkAsSpace = normalizer.readsMarkAsSpace || preparation.readsMarkAsSpace
    return spelling
  }

  private mutating func readDecoder(_ value: JSONValue?) throws(VocabularyError) {
    for part in try DocumentObject.components(value, list: "decoders", field: .decoder) {
      switch part.type {
      case "ByteLevel", "ByteFallback", "Fuse": break
      case "Replace":
        guard Self.string(part.members["pattern"]) == "\u{2581}", try part.string("content") == " "
        else { throw part.unsupported("\(part.quotedType) of other than U+2581 by a space") }
      case "WordPiece":
        guard try part.stringIfPresent("prefix") ?? "##" == "##" else {
          throw part.unsupported("\(part.quotedType) with other than ##")
        }
        joinsSigns = try part.bool("cleanup", default: true)
        stripsLeadingSpace = true
      case "Strip":
        guard case .integer(let start)? = part.members["start"], (0...1).contains(start),
          try part.string("content") == " "
        else { throw part.unsupported("\(part.quotedType) of other than one space") }
        guard case .integer(let stop) = part.members["stop"] ?? .integer(0),
          (0...64).contains(stop)
        else { throw part.unsupported("\(part.quotedType) of more than 64 spaces at the end") }
        (stripsLeadingSpace, trailingSpaces) = (start == 1, stop)
      case "Metaspace": stripsLeadingSpace = try Self.prefix(of: part) != .none
      default: throw part.unsupported("\(part.quotedType) is not supported")
      }
    }
  }

  /// The prefix that a `Metaspace` asks for, in either spelling.
  static func prefix(
    of part: DocumentObject
  ) throws(VocabularyError) -> TextNormalizer.SpacePrefix {
    guard try part.stringIfPresent("replacement") ?? "\u{2581}" == "\u{2581}" else {
      throw part.unsupported("\(part.quotedType) with other than U+2581")
    }
    switch try part.stringIfPresent("prepend_scheme") {
    case "always": return .unlessPresent
    case "first": return .firstUnlessPresent
    case "never": return .none
    case nil: return try part.bool("add_prefix_space", default: true) ? .unlessPresent : .none
    case let scheme?:
      throw part.unsupported("'prepend_scheme' \(scheme.prefix(40).debugDescription)")
    }
  }

  /// The string of a pattern, if it is one and not a regular expression.
  static func string(_ pattern: JSONValue?) -> String? {
    guard case .object(let object)? = pattern, case .string(let text)? = object["String"] else {
      return nil
    }
    return text
  }
}
